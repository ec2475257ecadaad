// What scripts add to pages that work without them: counters under long fields, menus that close, focus on errors,
// the time that is left of an item, a button that prints, what is typed in one form while another is sent.
"use strict";

function countDown(field) {
  const note = document.getElementById(`${field.id}-count`);
  const left = Number(field.dataset.limit) - [...field.value].length;
  note.textContent = (left < 0 ? note.dataset.over : note.dataset.left).replace("{n}", Math.abs(left));
  note.classList.toggle("over", left < 0);
}

function prepare(root) {
  root.querySelectorAll("textarea[data-limit]").forEach((field) => {
    if (field.value) countDown(field);
  });
  root.querySelectorAll("[data-print]").forEach((button) => { button.hidden = false; });
  root.querySelector("[data-focus]")?.focus();
}

// One page may hold several forms ("data-keep"), and whoever sends one has typed in another. What is typed comes back
// with the version that it was typed over, so that nobody else's words are overwritten by it; what was sent in vain,
// while the line was down, comes back to whoever goes back.
const KEPT = "kept";
const wentBack = performance.getEntriesByType("navigation")[0]?.type === "back_forward";

function keyOf(field) {
  return [new URL(field.form.action).pathname, field.form.elements.item_id?.value ?? "", field.name].join(" ");
}

function typedFields() {
  return [...document.querySelectorAll("form[data-keep] :is(textarea, input[type=text])")];
}

function keepTyped(sent) {
  const typed = typedFields().filter((field) => field.value !== field.defaultValue || "unsaved" in field.form.dataset);
  const kept = typed.map((field) => [keyOf(field), {
    value: field.value, version: field.form.elements.version?.value, isSent: field.form === sent,
  }]);
  sessionStorage.setItem(KEPT, JSON.stringify(Object.fromEntries(kept)));
}

function bringBack() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
  typedFields().forEach((field) => {
    const { value, version, isSent } = kept[keyOf(field)] ?? {};
    if (value === undefined || field.value !== field.defaultValue || (isSent && !wentBack)) return;
    field.value = value;
    if (version !== undefined) field.form.elements.version.value = version;
    for (let fold = field.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  });
  sessionStorage.removeItem(KEPT);
}

function showTimeLeft() {
  document.querySelectorAll("[data-timer]").forEach((timer) => {
    const ends = Date.parse(timer.dataset.timer) + Number(timer.dataset.minutes) * 60000;
    const seconds = Math.round(Math.abs(ends - Date.now()) / 1000);
    const over = Date.now() > ends;
    const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    timer.textContent = (over ? timer.dataset.over : timer.dataset.left).replace("{t}", clock);
    timer.classList.toggle("over", over);
  });
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

document.addEventListener("input", (event) => {
  if (event.target.matches("textarea[data-limit]")) countDown(event.target);
});

document.addEventListener("click", (event) => {
  document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
    menu.open = false;
    menu.querySelector("summary").focus();
  });
});

document.addEventListener("submit", (event) => {
  if (document.querySelector("form[data-keep]")) keepTyped(event.target);
});

document.addEventListener("htmx:load", (event) => prepare(event.target));
prepare(document);
if (document.querySelector("form[data-keep]")) bringBack();
if (document.querySelector("[data-timer]")) {
  showTimeLeft();
  setInterval(showTimeLeft, 1000);
}

// What scripts add to pages that work without them: counters under long fields, menus that close, focus on errors,
// the time that is left of an item, a button that prints.
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

document.addEventListener("htmx:load", (event) => prepare(event.target));
prepare(document);
if (document.querySelector("[data-timer]")) {
  showTimeLeft();
  setInterval(showTimeLeft, 1000);
}

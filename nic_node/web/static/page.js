// What scripts add to pages that work without them: counters under long fields, menus that close, focus on errors.
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
  root.querySelector("[data-focus]")?.focus();
}

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

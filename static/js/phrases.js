/* One click or key puts a quick phrase into the note, after what is there. */

(() => {
  "use strict";

  for (const box of document.querySelectorAll("[data-phrases-for]")) {
    const note = document.getElementById(box.dataset.phrasesFor);
    if (!note) continue;
    box.hidden = false;
    for (const button of box.querySelectorAll("[data-phrase]")) {
      button.addEventListener("click", () => {
        const before = note.value.trimEnd();
        const after = (before ? before + " " : "") + button.dataset.phrase;
        const status = document.getElementById("desk-status");
        if (note.maxLength > 0 && after.length > note.maxLength) {
          if (status) status.textContent = box.dataset.full;
          return;
        }
        note.value = after;
        note.dispatchEvent(new Event("input", { bubbles: true }));
        if (status) status.textContent = `${box.dataset.added} ${button.dataset.phrase}`;
      });
    }
  }
})();

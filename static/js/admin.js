// Gives the fields that scripts draw in the admin (rich text, choosers) the name that stands beside them: their
// own label belongs to a field that the script has hidden. And the fields of a table the name of their column.
const drawn = ".prose-editor [contenteditable], .select2-search__field, .select2-selection--single";
const unnamed = `${drawn}, .tabular td :is(input, select, textarea):not([type=hidden], [aria-hidden])`;

// The field that the script has hidden. The search of an open chooser stands at the end of the page.
function hiddenBy(field) {
  const open = field.closest(".select2-dropdown") && document.querySelector("select + .select2-container--open");
  const chooser = (open || field).closest("select + .select2-container");
  return chooser?.previousElementSibling ?? field.closest(".prose-editor")?.querySelector("textarea");
}

function column(field) {
  const cell = field.closest("td");
  return cell?.closest("table").tHead?.rows[0].cells[cell.cellIndex];
}

const named = new WeakSet();  // once each: an editor loses its place when it is written to

function name(field) {
  if (named.has(field)) return;
  named.add(field);
  const label = (hiddenBy(field) ?? field).labels?.[0];
  const chosen = field.querySelector(".select2-selection__rendered");
  if (chosen && label) {  // the name and what is chosen
    label.id ||= `label-of-${label.htmlFor}`;
    chosen.setAttribute("aria-labelledby", label.id);
    field.setAttribute("aria-labelledby", `${label.id} ${chosen.id}`);
    field.setAttribute("aria-controls", `select2-${label.htmlFor}-results`);
  } else if (field.matches(drawn) || !label) {
    const words = (label ?? column(field))?.textContent.trim().replace(/:$/, "");
    if (!words) return;
    field.setAttribute("aria-label", words);
    const opened = field.closest("body > .select2-container");  // outside of everything that has a name
    opened?.setAttribute("role", "region");
    opened?.setAttribute("aria-label", words);
  }
}

function nameAll() {
  document.querySelectorAll(unnamed).forEach(name);
  // Neither is a list, or a heading, of anything: one holds a button as well, the other nothing.
  document.querySelectorAll("ul.select2-selection__rendered").forEach(list => list.role ||= "none");
  for (const cell of document.querySelectorAll(".tabular th.original:empty")) {
    cell.replaceWith(Object.assign(document.createElement("td"), {className: "original"}));
  }
}

// Choosers and editors appear when their scripts are ready, when one is opened, and with every row that is added.
new MutationObserver(nameAll).observe(document.documentElement, {childList: true, subtree: true});
nameAll();

// Django begins a new row at the first control of its form, which is Save: begin at the first box instead.
let isUntouched = true;
["keydown", "pointerdown"].forEach(kind => addEventListener(kind, () => isUntouched = false, {capture: true, once: true}));

function beginAtTheFirstBox() {
  const control = document.activeElement;
  if (!isUntouched || !control.matches(".submit-row input")) return;
  const boxes = [...control.form.elements].filter(box => box.matches("fieldset :is(input, select, textarea):enabled"));
  boxes.find(box => box.offsetParent)?.focus();
}

addEventListener("focusin", beginAtTheFirstBox);
beginAtTheFirstBox();

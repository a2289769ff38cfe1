// Gives the fields that scripts draw in the admin (rich text, choosers) the name that stands beside them:
// their own label belongs to a field that the script has hidden.
function name(field) {
  if (field.hasAttribute("aria-label") || field.hasAttribute("aria-labelledby")) return;
  const row = field.closest(".form-row, td");
  const words = row?.querySelector("label, legend")?.textContent ?? row?.dataset.label ?? "";
  if (words.trim()) field.setAttribute("aria-label", words.trim().replace(/:$/, ""));
}

const drawn = ".prose-editor [contenteditable], .select2-search__field";
addEventListener("load", () => document.querySelectorAll(drawn).forEach(name));
addEventListener("focusin", event => event.target.matches?.(drawn) && name(event.target));

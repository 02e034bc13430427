const filter = document.getElementById("filter");
const words = document.getElementById("words");
const wrong = document.getElementById("wrong");
const rows = document.querySelectorAll(".rows > li");
function apply() {
  const text = words.value.trim().toLowerCase();
  for (const row of rows) {
    const name = row.querySelector(".row").textContent.toLowerCase();
    row.hidden = (wrong.checked && !row.hasAttribute("data-wrong")) || !name.includes(text);
  }
}
if (filter) {
  filter.hidden = false;
  words.addEventListener("input", apply);
  wrong.addEventListener("change", apply);
}
for (const button of navigator.clipboard ? document.querySelectorAll(".fix button") : []) {
  button.hidden = false;
  button.addEventListener("click", () => navigator.clipboard.writeText(button.previousElementSibling.textContent).then(() => { button.textContent = "Copied"; }));
}

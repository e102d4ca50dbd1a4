// Who reads what: walk through the lines and tick them with the keyboard alone.

const boxes = [...document.querySelectorAll('input[name="place"]')];
const all = document.getElementById("toutes");
let last = null;

function count() {
  const ticked = boxes.filter((box) => box.checked).length;
  all.checked = ticked === boxes.length;
  all.indeterminate = ticked > 0 && ticked < boxes.length;
}

all?.addEventListener("change", () => {
  boxes.forEach((box) => (box.checked = all.checked));
});

boxes.forEach((box) => {
  box.addEventListener("click", (event) => {
    if (event.shiftKey && last) {
      const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
      boxes.slice(from, to + 1).forEach((one) => (one.checked = box.checked));
    }
    last = box;
    count();
  });
});

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input[type=search], select");
  if (typing || event.ctrlKey || event.altKey || event.metaKey) {
    return;
  }
  if (event.key === "/") {
    event.preventDefault();
    document.getElementById("cherche")?.focus();
  } else if (event.key === "p") {
    event.preventDefault();
    document.getElementById("personne")?.focus();
  } else if (event.key === "j" || event.key === "k") {
    const at = boxes.indexOf(document.activeElement) + (event.key === "j" ? 1 : -1);
    boxes[Math.min(Math.max(at, 0), boxes.length - 1)]?.focus();
  }
});

document.getElementById("bilan")?.focus();

// The widths of the three columns: dragged, or moved with the arrow keys on a handle. Kept.

const memory = "preuve.colonnes";

export function resizable(desk) {
  const handles = [...desk.querySelectorAll(".poignee")];
  const kept = JSON.parse(localStorage.getItem(memory) ?? "{}");

  function set(handle, percent) {
    const low = Number(handle.getAttribute("aria-valuemin"));
    const high = Number(handle.getAttribute("aria-valuemax"));
    const width = Math.min(Math.max(percent, low), high);
    desk.style.setProperty(`--${handle.dataset.colonne}`, `${width}%`);
    handle.setAttribute("aria-valuenow", String(Math.round(width)));
    kept[handle.dataset.colonne] = width;
  }

  const save = () => localStorage.setItem(memory, JSON.stringify(kept));

  for (const handle of handles) {
    const grows = handle.dataset.colonne === "liste" ? 1 : -1;
    const now = () => Number(handle.getAttribute("aria-valuenow"));
    if (kept[handle.dataset.colonne]) {
      set(handle, kept[handle.dataset.colonne]);
    }
    handle.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -2, ArrowRight: 2 }[event.key];
      if (step) {
        event.preventDefault();
        set(handle, now() + grows * step);
        save();
      }
    });
    handle.addEventListener("pointerdown", (event) => {
      handle.setPointerCapture(event.pointerId);
      const [start, width] = [event.clientX, now()];
      const move = (moved) =>
        set(handle, width + (grows * (moved.clientX - start) * 100) / desk.clientWidth);
      handle.addEventListener("pointermove", move);
      handle.addEventListener(
        "pointerup",
        () => {
          handle.removeEventListener("pointermove", move);
          save();
        },
        { once: true },
      );
    });
  }
}

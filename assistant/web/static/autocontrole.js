// Says how far the reading is, and shows its result once it is over.
const waiting = document.querySelector("[data-etat]");
const shown = waiting.querySelector("[data-lus]");

async function look() {
  try {
    const answer = await fetch(waiting.dataset.etat);
    const state = answer.ok ? await answer.json() : { en_cours: false };
    if (!state.en_cours) {
      location.reload();
      return;
    }
    shown.textContent = Math.min(state.lus + 1, state.total);
  } catch {
    // The connection is lost: the next look may find it again.
  }
  setTimeout(look, 2000);
}

setTimeout(look, 1000);

// Reloads the page when the reading has gone on, and once more when it is over.
const waiting = document.querySelector("[data-etat]");

async function look() {
  try {
    const state = await (await fetch(waiting.dataset.etat)).json();
    if (!state.en_cours || state.lus > Number(waiting.dataset.lus)) {
      location.reload();
      return;
    }
  } catch {
    // The connection is lost: the next look may find it again.
  }
  setTimeout(look, 2000);
}

setTimeout(look, 1500);

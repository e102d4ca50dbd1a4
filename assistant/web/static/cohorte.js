// While a run is under way: show how far it is, without a reload and without taking the focus.

const EVERY_MS = 3000;
const PARTS = ["#avancement", ".grille tbody"];

async function look() {
  const here = document.querySelector("#avancement");
  const address = here?.getAttribute("data-suivre");
  if (!address) {
    return;
  }
  let page;
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    if (!answer.ok) {
      throw new Error(String(answer.status));
    }
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    setTimeout(look, EVERY_MS * 3); // the server is away: what is shown stays, until it is back
    return;
  }
  if (!page.querySelector("#avancement")?.hasAttribute("data-suivre")) {
    window.location.assign(address); // it has ended: other buttons, and what the run had to say
    return;
  }
  PARTS.forEach((part) => renew(document.querySelector(part), page.querySelector(part)));
  setTimeout(look, EVERY_MS);
}

function renew(old, fresh) {
  if (!old || !fresh || old.contains(document.activeElement)) {
    return;
  }
  if (old.innerHTML !== fresh.innerHTML) {
    old.replaceWith(document.adoptNode(fresh));
  }
}

setTimeout(look, EVERY_MS);

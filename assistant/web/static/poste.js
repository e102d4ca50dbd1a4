// The desk: walks through the criteria, records rulings, and answers to the keyboard.

import { api, ApiError } from "./api.js";
import { resizable } from "./colonnes.js";
import { Draft } from "./saisie.js";
import { Viewer } from "./visionneuse.js";

const desk = document.getElementById("poste");
const { dossier, epreuve, personne } = desk.dataset;
const base = `/api/dossier/${encodeURIComponent(dossier)}/${encodeURIComponent(epreuve)}`;
const cardBox = document.getElementById("fiche");
const listBox = document.getElementById("liste-corps");
const viewer = new Viewer(document.getElementById("document"), dossier);
const IDLE = 60_000; // ms without a gesture after which time no longer counts

const OVERTAKEN =
  "Vous avez décidé de ce critère dans une autre fenêtre depuis que celle-ci l’affiche. " +
  "Rien n’a été remplacé : comparez les deux, puis décidez.";

let draft = null;
let visit = null;
let quotes = [];
let quoteIndex = -1;
let deciding = false;

// --- what is on the screen -------------------------------------------------------------------

const card = () => cardBox.querySelector(".carte");
const form = () => document.getElementById("decision");
const current = () => card().dataset.critere;
const links = () => [...listBox.querySelectorAll("[data-critere]")];

function status(state, text) {
  const line = document.getElementById("sauvegarde");
  line.dataset.etat = state;
  line.textContent = text;
}

let announceTimer = 0;
function announce(text, kind = "info") {
  const box = document.getElementById("annonce");
  box.textContent = text;
  box.dataset.genre = kind;
  box.hidden = false;
  clearTimeout(announceTimer);
  announceTimer = setTimeout(() => (box.hidden = true), kind === "info" ? 4000 : 12_000);
}

function mounted() {
  const shown = card();
  draft = form().querySelector("[name=verdict]")
    ? new Draft(form(), shown, base, personne, status, overtaken)
    : null;
  visit = { id: shown.dataset.visite, seconds: 0, looks: 0, last: Date.now(), since: Date.now() };
  quotes = [...shown.querySelectorAll(".citation")].map((button) => ({
    button,
    hash: button.dataset.fichier,
    start: Number(button.dataset.debut),
    end: Number(button.dataset.fin),
    faint: Boolean(button.closest(".repli")), // marked in the document only when asked for
    key: `${button.dataset.fichier}:${button.dataset.debut}:${button.dataset.fin}`,
  }));
  quoteIndex = -1;
  form().addEventListener("submit", (event) => {
    event.preventDefault();
    decide();
  });
  form().addEventListener("input", refreshChoice);
  form().addEventListener("rempli", refreshChoice);
  refreshChoice();
  viewer.show(quotes, epreuve, current()).catch(() => {}); // the card itself is enough to decide
}

/** Which words go with the verdict that is chosen now. */
function refreshChoice() {
  if (!draft) {
    return;
  }
  const chosen = draft.values().verdict;
  const proposed = card().dataset.proposition;
  const arbiter = card().dataset.place === "arbiter";
  const departs = Boolean(chosen) && (chosen !== proposed || arbiter) && !("aveugle" in card().dataset);
  document.getElementById("ecart").hidden = !departs && !arbiter;
  const button = document.getElementById("enregistrer");
  if (!chosen) {
    button.textContent = proposed && !arbiter ? "Confirmer la proposition" : "Enregistrer";
    button.disabled = !proposed || arbiter;
  } else {
    button.textContent = chosen === proposed && !arbiter ? "Confirmer la proposition" : "Enregistrer mon verdict";
    button.disabled = false;
  }
}

function put(answer) {
  listBox.innerHTML = answer.liste; // both escaped by the server's templates
  cardBox.innerHTML = answer.fiche;
  document.title = `${answer.titre} — preuve`;
  listBox.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
}

function leave() {
  countTime();
  draft?.close();
  api("POST", `${base}/visite`, stayed(), { keepalive: true }).catch(() => {}); // a figure less
}

async function go(criterion, { push = true } = {}) {
  const link = links().find((l) => l.dataset.critere === criterion);
  if (!link) {
    return;
  }
  try {
    if (draft?.conflict) {
      announce("Choisissez d’abord ce que vous gardez.", "erreur");
      return;
    }
    const href = link.href;
    await draft?.flush();
    const answer = await api("GET", `${base}/critere?critere=${encodeURIComponent(criterion)}`);
    leave();
    if (push) {
      history.pushState({ criterion }, "", href);
    }
    put(answer);
    cardBox.scrollTop = 0;
    cardBox.focus({ preventScroll: true });
    mounted();
  } catch (error) {
    fail(error);
  }
}

function fail(error) {
  if (!(error instanceof ApiError)) {
    throw error;
  }
  announce(error.message, "erreur");
}

// --- acts -------------------------------------------------------------------------------------

async function decide() {
  if (draft?.conflict) {
    announce("Choisissez d’abord ce que vous gardez.", "erreur");
    return;
  }
  if (!draft || deciding) {
    return;
  }
  const values = draft.values();
  const shown = card();
  if (!values.verdict && !shown.dataset.proposition) {
    announce("Choisissez votre verdict : touches 1 à 4.", "erreur");
    return;
  }
  deciding = true;
  const typed = draft;
  countTime();
  const was = current();
  const next = nextOpen(was);
  const href = links().find((l) => l.dataset.critere === next)?.href;
  try {
    await typed.flush();
    if (draft !== typed || typed.conflict) {
      return; // another window was quicker: what it did is on the screen, to be read first
    }
    const answer = await api("POST", `${base}/decision`, {
      critere: was,
      version: draft.version,
      ...values,
      cle: shown.dataset.cle,
      vus: Number(shown.dataset.vus),
      ...stayed(),
      puis: next ?? "",
    });
    draft.close({ forget: true });
    put(answer);
    status("fait", "Décision enregistrée");
    if (current() !== was) {
      history.pushState({ criterion: current() }, "", href);
      cardBox.scrollTop = 0;
      cardBox.focus({ preventScroll: true });
    }
    mounted();
    announce(after(answer, current() !== was));
  } catch (error) {
    if (error instanceof ApiError && error.status === 412) {
      await conflicted(error.message);
    } else {
      fail(error);
      focusMissing(values);
    }
  } finally {
    deciding = false;
  }
}

function after(answer, moved) {
  if (!answer.tient) {
    return "Verdict noté. Comparez-le avec la proposition.";
  }
  if (answer.aveugle) {
    return "Même verdict que la proposition. Décision enregistrée.";
  }
  return moved ? "Décision enregistrée." : "Décision enregistrée. Plus rien à décider ici.";
}

/** Another window decided: its decision is shown, and what was being typed here stays. */
async function conflicted(message) {
  replaceUnder(await fresh());
  announce(message, "erreur");
}

/** What was typed could not be kept: whether that is because another window has decided. */
async function overtaken() {
  const answer = await fresh();
  const theirs = document.createElement("template");
  theirs.innerHTML = answer.fiche;
  if (theirs.content.querySelector(".carte").dataset.vus === card().dataset.vus) {
    return false;
  }
  replaceUnder(answer);
  announce(OVERTAKEN, "erreur");
  return true;
}

function fresh() {
  return api("GET", `${base}/critere?critere=${encodeURIComponent(current())}`);
}

/** Another card for the same criterion; what has been typed by now stays, and where. */
function replaceUnder(answer) {
  const field = document.activeElement?.name;
  const values = draft.values();
  draft.close({ forget: true });
  put(answer);
  mounted();
  draft?.restore(values);
  if (field) {
    form().elements[field]?.focus?.();
  }
}

function focusMissing(values) {
  const fields = form().elements;
  if (values.verdict && !values.motif && fields.motif) {
    fields.motif.focus();
  } else if (values.verdict && !values.precision) {
    fields.precision?.focus();
  }
}

async function undo() {
  if (!document.getElementById("annuler") || deciding) {
    return;
  }
  try {
    await draft?.flush();
    const answer = await api("POST", `${base}/annulation`, {
      critere: current(),
      vus: Number(card().dataset.vus),
    });
    draft?.close();
    put(answer);
    mounted();
    announce("Décision annulée. Elle reste dans l’historique.");
  } catch (error) {
    fail(error);
  }
}

async function step(path, body) {
  try {
    await draft?.flush();
    await api("POST", `${base}/${path}`, body);
    location.reload();
  } catch (error) {
    fail(error);
  }
}

const version = () => Number(document.getElementById("cloture").dataset.version);

function nextOpen(after) {
  const all = links();
  const at = all.findIndex((l) => l.dataset.critere === after);
  const order = [...all.slice(at + 1), ...all.slice(0, at)];
  return order.find((l) => "ouvert" in l.dataset)?.dataset.critere ?? null;
}

function neighbour(by) {
  const all = links();
  const at = all.findIndex((l) => l.dataset.critere === current());
  return all[at + by]?.dataset.critere;
}

// --- time -------------------------------------------------------------------------------------

function countTime() {
  const now = Date.now();
  if (!document.hidden && now - visit.last < IDLE) {
    visit.seconds += (now - visit.since) / 1000;
  }
  visit.since = now;
}

const stayed = () => ({
  visite: visit.id,
  secondes: Math.round(visit.seconds * 10) / 10,
  regards: visit.looks,
});

for (const kind of ["pointerdown", "keydown", "wheel"]) {
  document.addEventListener(
    kind,
    () => {
      countTime();
      visit.last = Date.now();
    },
    { passive: true },
  );
}

// --- mouse ------------------------------------------------------------------------------------

desk.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-critere]");
  const quote = event.target.closest(".citation");
  const act = event.target.closest("[data-etape], [data-cloture]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    go(link.dataset.critere);
  } else if (quote) {
    look(quotes.findIndex((q) => q.button === quote));
  } else if (event.target.closest("#annuler")) {
    undo();
  } else if (act?.dataset.etape) {
    step("etape", { etape: act.dataset.etape, version: version() });
  } else if (act) {
    const motif = document.getElementById("motif-reouverture")?.value ?? "";
    step("cloture", { etape: act.dataset.cloture, version: version(), motif });
  }
});
desk.addEventListener("toggle", (event) => (visit.looks += event.target.open ? 1 : 0), true);
document.getElementById("feuilles").addEventListener("wheel", () => (visit.looks += 1), {
  passive: true,
});
document.getElementById("aide-bouton").addEventListener("click", () => help().showModal());
const help = () => document.getElementById("aide");

function look(index) {
  if (!quotes.length) {
    return;
  }
  quoteIndex = (index + quotes.length) % quotes.length;
  visit.looks += 1;
  const quote = quotes[quoteIndex];
  quotes.forEach((q) => q.button.classList.toggle("visee", q === quote));
  const folded = quote.button.closest("details:not([open])");
  if (folded) {
    folded.open = true;
  }
  quote.button.scrollIntoView({ block: "nearest" });
  viewer.reveal(quote).catch(() => {});
}

// --- keyboard ---------------------------------------------------------------------------------

const open = (selector) => {
  const field = form().querySelector(selector);
  if (field) {
    field.closest("details")?.setAttribute("open", "");
    field.focus();
  }
};

/** What closes the épreuve, or else what is left to do before. */
const closing = () =>
  document.querySelector("#cloture [data-cloture], #cloture [data-etape], #cloture summary");

function choose(number) {
  const radio = form().querySelectorAll("[name=verdict]")[number - 1];
  if (!radio) {
    return;
  }
  radio.checked = true;
  radio.dispatchEvent(new Event("input", { bubbles: true }));
  if (!document.getElementById("ecart").hidden) {
    (form().elements.motif ?? form().elements.precision).focus();
  }
}

const keys = {
  j: () => go(neighbour(1)),
  k: () => go(neighbour(-1)),
  n: () => go(nextOpen(current())),
  o: () => (form().querySelector("[name=verdict]:checked") ?? form().querySelector("[name=verdict]"))?.focus(),
  c: () => open("[name=commentaire]"),
  e: () => open("[name=justification]"),
  r: () => form().elements.a_revoir?.click(),
  u: () => undo(),
  v: () => look(quoteIndex + 1),
  V: () => look(quoteIndex - 1),
  t: () => viewer.toggle(),
  f: () => closing()?.focus(),
  q: () => location.assign("/"),
  "+": () => viewer.zoom(25),
  "-": () => viewer.zoom(-25),
  "=": () => viewer.zoom(0),
  "?": () => help().showModal(),
  Enter: () => decide(),
};

document.addEventListener("keydown", (event) => {
  if (help().open) {
    return;
  }
  const target = event.target;
  const typing = target.matches("textarea, select, input:not([type=radio]):not([type=checkbox])");
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    decide();
    return;
  }
  if (event.ctrlKey || event.altKey || event.metaKey) {
    return;
  }
  if (typing) {
    if (event.key === "Escape") {
      cardBox.focus({ preventScroll: true });
    } else if (event.key === "Enter" && target.matches("select, input")) {
      event.preventDefault();
      decide();
    }
    return;
  }
  if (event.key === "Enter" && target.closest("a, button, summary, [role=separator]")) {
    return; // what has the focus answers
  }
  if (/^[1-4]$/.test(event.key)) {
    event.preventDefault();
    choose(Number(event.key));
    return;
  }
  const act = keys[event.key];
  if (act) {
    event.preventDefault();
    act();
  }
});

// --- leaving and coming back ------------------------------------------------------------------

addEventListener("popstate", () => {
  const link = links().find((l) => new URL(l.href).pathname === location.pathname);
  if (link) {
    go(link.dataset.critere, { push: false });
  }
});
addEventListener("pagehide", () => {
  countTime();
  draft?.flush({ leaving: true });
  api("POST", `${base}/visite`, stayed(), { keepalive: true }).catch(() => {}); // a figure less
});
addEventListener("online", () => draft?.flush());
document.addEventListener("visibilitychange", () => {
  countTime();
  if (document.hidden) {
    draft?.flush();
  }
});

resizable(desk);
viewer.zoom(0);
mounted();
listBox.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });

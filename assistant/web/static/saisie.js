// What is being typed on a criterion: kept at each keystroke, here first, then by the server.
//
// One save at a time; the next one carries the version that the server gave back. Another window
// that saved meanwhile is a conflict: both texts are shown, and a person chooses.

import { api } from "./api.js";

const DELAY = 400; // ms of silence before a save
const RETRY = 3000; // ms before another try when the server was not reached

const LABELS = {
  verdict: "Verdict",
  motif: "Motif",
  precision: "En quelques mots",
  commentaire: "Commentaire",
  justification: "Justification à imprimer",
  a_revoir: "À revoir",
};

export class Draft {
  #timer = 0;
  #saving = null;
  #sent = "";
  #closed = false;

  constructor(form, card, path, owner, report, overtaken) {
    this.form = form;
    this.card = card;
    this.path = path;
    this.report = report; // (state, text) → the status line
    this.overtaken = overtaken; // () → whether another card took this one's place
    this.version = Number(card.dataset.version);
    this.memory = `preuve.saisie/${owner}/${path}/${card.dataset.critere}`;
    this.#sent = JSON.stringify(this.values());
    this.#recover();
    form.addEventListener("input", () => this.typed());
    form.addEventListener("focusout", () => this.flush());
  }

  values() {
    const field = (name) => this.form.elements[name];
    const justification = field("justification")?.value ?? "";
    return {
      verdict: this.form.querySelector('[name="verdict"]:checked')?.value ?? null,
      motif: field("motif")?.value ?? "",
      precision: field("precision")?.value ?? "",
      commentaire: field("commentaire")?.value ?? "",
      justification: justification === field("justification")?.dataset.initiale ? "" : justification,
      a_revoir: field("a_revoir")?.checked ?? false,
    };
  }

  get pending() {
    return JSON.stringify(this.values()) !== this.#sent;
  }

  typed() {
    localStorage.setItem(
      this.memory,
      JSON.stringify({ version: this.version, values: this.values() }),
    );
    this.report("attente", "Enregistrement…");
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), DELAY);
  }

  /** Put words back in the form, as if they had just been typed. */
  restore(values) {
    this.#fill(values);
    this.typed();
  }

  /** Save now what is not saved yet. */
  async flush({ leaving = false } = {}) {
    clearTimeout(this.#timer);
    if (this.#closed) {
      return;
    }
    if (leaving) {
      if (this.pending && !this.conflict) {
        this.#put(this.values(), true).catch(() => {}); // kept in this browser until it is saved
      }
      return;
    }
    if (this.#saving) {
      await this.#saving;
    }
    if (!this.pending || this.#closed || this.conflict) {
      return; // in a conflict, nothing is sent until a person has chosen
    }
    this.#saving = this.#save();
    await this.#saving;
    this.#saving = null;
  }

  /** Nothing more is saved from here: the words became a decision, or another card is shown. */
  close({ forget = false } = {}) {
    this.#closed = true;
    clearTimeout(this.#timer);
    if (forget) {
      localStorage.removeItem(this.memory);
      sessionStorage.removeItem(this.memory);
    }
  }

  async #save() {
    const values = this.values();
    try {
      const kept = await this.#put(values, false);
      if (kept.accepte) {
        this.version = kept.version;
        this.card.dataset.version = String(kept.version);
        this.#sent = JSON.stringify(values);
        const saved = { version: this.version, values };
        sessionStorage.setItem(this.memory, JSON.stringify(saved)); // of this tab alone
        if (!this.pending) {
          localStorage.removeItem(this.memory);
          this.report("fait", "Tout est enregistré");
        }
      } else if (!(await this.overtaken())) {
        this.#disagree(kept);
      }
    } catch (error) {
      this.report("panne", `${error.message} Nouvel essai dans un instant.`);
      this.#timer = setTimeout(() => this.flush(), RETRY);
    }
  }

  #put(values, keepalive) {
    const body = { critere: this.card.dataset.critere, version: this.version, ...values };
    return api("PUT", `${this.path}/brouillon`, body, { keepalive });
  }

  /** What this browser had kept and the server had not: typed again, or compared. */
  #recover() {
    const saved = JSON.parse(sessionStorage.getItem(this.memory) ?? "null");
    if (saved?.version > this.version) {
      // This page was made before the last save that this tab had: what was saved is newer.
      this.version = saved.version;
      this.card.dataset.version = String(saved.version);
      this.#fill(saved.values);
      this.#sent = JSON.stringify(this.values());
    }
    const kept = JSON.parse(localStorage.getItem(this.memory) ?? "null");
    if (!kept) {
      return;
    }
    const theirs = { ...this.values(), version: this.version };
    if (JSON.stringify(kept.values) === this.#sent) {
      localStorage.removeItem(this.memory);
    } else if (kept.version === this.version) {
      this.#fill(kept.values);
      this.typed();
    } else {
      this.#fill(kept.values);
      this.#disagree(theirs);
    }
  }

  #fill(values) {
    for (const radio of this.form.querySelectorAll('[name="verdict"]')) {
      radio.checked = radio.value === values.verdict;
    }
    for (const name of ["motif", "precision", "commentaire"]) {
      if (this.form.elements[name]) {
        this.form.elements[name].value = values[name];
      }
    }
    const printed = this.form.elements.justification;
    if (printed) {
      printed.value = values.justification || printed.dataset.initiale;
    }
    if (this.form.elements.a_revoir) {
      this.form.elements.a_revoir.checked = values.a_revoir;
    }
    this.form.dispatchEvent(new CustomEvent("rempli"));
  }

  /** Both texts, side by side; nothing is replaced until a person says which one stays. */
  #disagree(theirs) {
    this.conflict = true;
    this.report("conflit", "Modifié dans une autre fenêtre");
    const box = this.form.querySelector("#conflit");
    const mine = this.values();
    const lines = Object.keys(LABELS).filter((name) => mine[name] !== theirs[name]);
    const told = (value) => (value === true ? "oui" : value === false ? "non" : value || "(vide)");
    const table = document.createElement("dl");
    for (const name of lines) {
      const row = document.createElement("div");
      row.append(
        element("dt", LABELS[name]),
        element("dd", `Ici : ${told(mine[name])}`),
        element("dd", `Autre fenêtre : ${told(theirs[name])}`),
      );
      table.append(row);
    }
    const keep = element("button", "Garder ce qui est ici");
    const take = element("button", "Prendre l’autre");
    keep.type = take.type = "button";
    const settle = (act) => () => {
      this.conflict = false;
      this.version = theirs.version;
      this.card.dataset.version = String(theirs.version);
      box.hidden = true;
      act();
    };
    keep.addEventListener("click", settle(() => this.typed()));
    take.addEventListener(
      "click",
      settle(() => {
        this.#fill(theirs);
        this.#sent = JSON.stringify(this.values());
        localStorage.removeItem(this.memory);
        this.report("fait", "Tout est enregistré");
      }),
    );
    box.replaceChildren(
      element("p", "Ce critère a été modifié dans une autre fenêtre. Rien n’a été remplacé."),
      table,
      keep,
      take,
    );
    box.hidden = false;
  }
}

function element(tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

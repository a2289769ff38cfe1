/* The desk by keyboard, and kept up to date. Everything here is also a link or a form,
   so the desk works without this file.

   data-key="n"       the key that presses this button, follows this link or enters this field
   data-live="5"      fetch this part of the page again every so many seconds
   data-renew="60"    send this form in the background every so many seconds
   data-leave="…"     send it there when the page is closed
   data-address="…"   the address to reload for what is shown here
   data-seconds="30"  take this away after so many seconds
   data-picks="id"    a change here picks that radio button                                  */

(() => {
  "use strict";

  const { queue, connected, cutOff } = document.currentScript.dataset; // the address of the list; what to say
  const KEYS_OFF = "desk-keys-off";
  const say = (words) => {
    const status = document.getElementById("desk-status");
    if (status && words) status.textContent = words;
  };

  /* ---- keys ---- */

  const isTyping = (target) =>
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.matches("textarea, select, input:not([type=radio], [type=checkbox], [type=submit], [type=button])"));

  const visible = (element) => element.getClientRects().length > 0;

  const press = (element) => {
    if (element.matches("input, textarea, select, [tabindex='-1']")) {
      element.focus();
      if (element.matches("[tabindex='-1']")) element.scrollIntoView({ block: "center" });
    } else {
      element.click();
    }
  };

  const move = (step) => {
    const links = [...document.querySelectorAll("[data-row] th a")].filter(visible);
    if (!links.length) return;
    const row = document.activeElement && document.activeElement.closest("[data-row]");
    const at = row ? links.findIndex((link) => row.contains(link)) : -1;
    const next = at < 0 ? (step > 0 ? 0 : links.length - 1) : at + step;
    links[Math.max(0, Math.min(links.length - 1, next))].focus();
  };

  const dialog = document.getElementById("keys");
  if (dialog instanceof HTMLDialogElement) {
    dialog.close();
    const off = dialog.querySelector("[data-keys-off]");
    if (off) {
      off.closest("[hidden]")?.removeAttribute("hidden");
      off.checked = localStorage.getItem(KEYS_OFF) === "yes";
      off.addEventListener("change", () => localStorage.setItem(KEYS_OFF, off.checked ? "yes" : "no"));
    }
    for (const opener of document.querySelectorAll("[data-opens-keys]")) {
      opener.addEventListener("click", (event) => {
        event.preventDefault();
        dialog.showModal();
      });
    }
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isTyping(event.target)) {
      event.target.blur();
      return;
    }
    if (event.key === "Enter" && event.target.closest("[data-no-enter]") && event.target.matches("input")) {
      event.preventDefault();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat && !/^[jk]$/i.test(event.key)) return;
    if (isTyping(event.target) || document.querySelector("dialog:modal")) return;
    if (localStorage.getItem(KEYS_OFF) === "yes" && event.key !== "?") return;
    const key = event.key.toLowerCase();
    if (key === "?" && dialog) {
      dialog.showModal();
    } else if (key === "j" || key === "k") {
      move(key === "j" ? 1 : -1);
    } else {
      const target = [...document.querySelectorAll("[data-key]")].find(
        (element) => element.dataset.key === key && visible(element) && !element.disabled,
      );
      if (!target) return;
      press(target);
    }
    event.preventDefault();
  });

  /* ---- leaving a page ---- */

  let isLeaving = false;
  const begun = () => [...document.querySelectorAll("textarea")].filter((area) => area.value.trim());

  /* A key held down or pressed twice must not send a form twice. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
    setTimeout(() => delete form.dataset.sent, 5000); // whoever was asked, and stayed, may press again
    isLeaving = !begun().some((area) => area.form !== form);
  });
  window.addEventListener("pageshow", (event) => {
    isLeaving = false;
    for (const form of document.forms) delete form.dataset.sent;
    if (event.persisted && document.querySelector("[data-personal]")) location.reload();
  });

  /* ---- live parts: change only what changed, so focus, scroll and reading place stay ---- */

  let newest = null;

  const sameKind = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName && (a.id || "") === (b.id || "");

  const morph = (old, fresh) => {
    if (old.nodeType !== Node.ELEMENT_NODE) {
      if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
      return;
    }
    if (old.isEqualNode(fresh)) return;
    for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
    for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    const byId = new Map([...old.children].filter((child) => child.id).map((child) => [child.id, child]));
    let here = old.firstChild;
    for (const wanted of [...fresh.childNodes]) {
      const kept = wanted.id ? byId.get(wanted.id) : here && !here.id && sameKind(here, wanted) ? here : null;
      if (kept) {
        morph(kept, wanted);
        if (kept === here) here = here.nextSibling;
        else if (kept.contains(document.activeElement)) {
          const focused = document.activeElement;
          old.insertBefore(kept, here);
          focused.focus({ preventScroll: true });
        } else old.insertBefore(kept, here);
      } else {
        old.insertBefore(wanted, here);
      }
    }
    while (here) {
      const next = here.nextSibling;
      if (here.contains(document.activeElement)) focusNear(here);
      here.remove();
      here = next;
    }
  };

  /* The focused row was taken by somebody else: stay in its place, do not fall to the top. */
  const focusNear = (gone) => {
    const links = [...document.querySelectorAll("[data-row] th a")].filter((link) => !gone.contains(link));
    const after = links.find((link) => gone.compareDocumentPosition(link) & Node.DOCUMENT_POSITION_FOLLOWING);
    (after || links[links.length - 1] || document.getElementById("main"))?.focus({ preventScroll: true });
  };

  const refresh = async (part) => {
    if (document.hidden || isLeaving || document.querySelector("dialog:modal")) return;
    const url = new URL(location.href);
    url.searchParams.set("part", part.id);
    const reply = await fetch(url, { headers: { "X-Desk-Part": part.id }, redirect: "manual", cache: "no-store" });
    if (reply.type === "opaqueredirect") {
      location.reload();
      return;
    }
    if (!reply.ok) throw new Error(String(reply.status));
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    const fresh = page.getElementById(part.id);
    if (!fresh) return;
    const news = fresh.dataset.news || "";
    morph(part, document.adoptNode(fresh));
    if (newest !== null && news !== newest) say(news);
    newest = news;
  };

  for (const part of document.querySelectorAll("[data-live]")) {
    newest = part.dataset.news || "";
    let misses = 0;
    setInterval(() => {
      refresh(part).then(
        () => {
          if (misses > 2) say(connected);
          misses = 0;
        },
        () => {
          misses += 1;
          if (misses === 3) say(cutOff);
        },
      );
    }, Number(part.dataset.live) * 1000);
  }

  /* ---- signed out for idleness: names go from the screen, what was typed stays ---- */

  let touchedAt = Date.now();
  for (const kind of ["keydown", "pointerdown", "input"]) {
    document.addEventListener(kind, () => (touchedAt = Date.now()), { passive: true });
  }

  const blank = () => {
    for (const element of document.querySelectorAll("[data-personal]")) element.replaceChildren();
    const warning = document.getElementById("signed-out");
    if (!warning || !warning.hidden) return;
    warning.hidden = false;
    warning.focus();
  };

  /* A sign-in in another tab brings a new token; ask for it, so that the kept form can be sent. */
  const freshToken = async () => {
    const reply = await fetch(`${queue}?part=queue`, {
      headers: { "X-Desk-Part": "queue" },
      redirect: "manual",
      cache: "no-store",
    });
    if (!reply.ok) return "";
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    return page.querySelector("[name=csrfmiddlewaretoken]")?.value || "";
  };

  for (const form of document.querySelectorAll("form[data-keeps]")) {
    form.addEventListener("submit", async (event) => {
      if (form.dataset.checked) return;
      event.preventDefault();
      if (form.dataset.checking) return;
      form.dataset.checking = "yes";
      const token = await freshToken().catch(() => "");
      delete form.dataset.checking;
      if (!token) {
        blank();
        return;
      }
      for (const field of document.getElementsByName("csrfmiddlewaretoken")) field.value = token;
      form.dataset.checked = "yes";
      form.requestSubmit(event.submitter);
      delete form.dataset.checked;
    });
  }

  /* ---- the lease is renewed while the sheet is open ---- */

  for (const form of document.querySelectorAll("form[data-renew]")) {
    const period = Number(form.dataset.renew) * 1000;
    const renew = async () => {
      if (isLeaving) return;
      try {
        const reply = await fetch(form.action, {
          method: "POST",
          body: new FormData(form),
          // Somebody who types is there: only then does this count as use of the session.
          headers: Date.now() - touchedAt < period ? {} : { "X-Desk-Part": "lease" },
          redirect: "manual",
        });
        if (reply.type === "opaqueredirect") {
          blank();
          return;
        }
        const until = document.getElementById("lease-until");
        const words = (await reply.text()).trim();
        if (reply.ok && until) until.textContent = words;
        else if (reply.status === 409) say(words);
      } catch {
        /* The next round tries again; the lease outlives two rounds even after a reload. */
      }
    };
    setInterval(renew, period);
    renew();
    /* Closed, and not by recording the call: the request is free for others soon. */
    window.addEventListener("pagehide", () => {
      if (!isLeaving) navigator.sendBeacon(form.dataset.leave, new FormData(form));
    });
  }

  /* ---- small things ---- */

  /* A sheet shown in answer to a form: a reload must open it again, not send the form again. */
  const home = document.querySelector("[data-address]");
  if (home && location.pathname !== home.dataset.address) history.replaceState(null, "", home.dataset.address);

  for (const element of document.querySelectorAll("[data-seconds]")) {
    setTimeout(() => {
      if (element.contains(document.activeElement)) document.getElementById("main")?.focus();
      element.remove();
    }, Number(element.dataset.seconds) * 1000);
  }

  for (const field of document.querySelectorAll("[data-picks]")) {
    field.addEventListener("input", () => {
      const radio = document.getElementById(field.dataset.picks);
      if (radio) radio.checked = true;
    });
  }

  window.addEventListener("beforeunload", (event) => {
    if (begun().length && !isLeaving) event.preventDefault();
  });

  document.querySelector("[data-focus]")?.focus();
})();

// Asks the browser for a passkey and posts its answer. The page works without: there is another way.
// What to sign comes from the page (#passkey-options), or for signing in from the form's own address;
// what to say when it fails, from the page too, in its language.

const toBytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

const withBytes = (list) => (list ?? []).map((item) => ({ ...item, id: toBytes(item.id) }));

function answer(credential, fields) {
  const response = {};
  for (const field of fields) {
    if (credential.response[field]) response[field] = toText(credential.response[field]);
  }
  return JSON.stringify({
    type: credential.type,
    id: credential.id,
    rawId: toText(credential.rawId),
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  });
}

async function create({ publicKey }) {
  const credential = await navigator.credentials.create({
    publicKey: {
      ...publicKey,
      challenge: toBytes(publicKey.challenge),
      user: { ...publicKey.user, id: toBytes(publicKey.user.id) },
      excludeCredentials: withBytes(publicKey.excludeCredentials),
    },
  });
  return answer(credential, ["clientDataJSON", "attestationObject"]);
}

async function get({ publicKey }) {
  const credential = await navigator.credentials.get({
    publicKey: {
      ...publicKey,
      challenge: toBytes(publicKey.challenge),
      allowCredentials: withBytes(publicKey.allowCredentials),
    },
  });
  return answer(credential, ["clientDataJSON", "authenticatorData", "signature", "userHandle"]);
}

async function ask(kind, form) {
  if (kind === "sign-in") {
    const reply = await fetch(form.action, { headers: { Accept: "application/json" }, cache: "no-store" });
    if (!reply.ok) throw new Error(`${reply.status}`);
    return get((await reply.json()).request_options);
  }
  const options = JSON.parse(document.getElementById("passkey-options").textContent);
  return kind === "create" ? create(options.creation_options) : get(options.request_options);
}

function offer(form) {
  const button = form.querySelector("[data-passkey]");
  const said = form.querySelector("[data-passkey-said]");
  form.querySelector("[data-passkey-missing]").hidden = true;
  form.querySelector("[data-passkey-ready]").hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    said.textContent = "";
    button.disabled = true;
    try {
      form.elements.credential.value = await ask(button.dataset.passkey, form);
      form.submit();
    } catch (error) {
      said.textContent = said.dataset[error.name.toLowerCase()] ?? said.dataset.other;
      button.disabled = false;
      button.focus();
    }
  });
}

if (window.PublicKeyCredential) document.querySelectorAll(".passkey-form").forEach(offer);

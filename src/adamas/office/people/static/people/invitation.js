// A passkey needs a browser that can make one: only then it is offered in the place of a password.
if (window.PublicKeyCredential) {
  for (const offer of document.querySelectorAll("[data-passkey-only]")) offer.hidden = false;
}

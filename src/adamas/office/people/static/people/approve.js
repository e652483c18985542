/* Confirms an approval with a passkey, where the person has one. Without script the code field below does it. */
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const box = document.querySelector("[data-passkey]");
if (box && window.PublicKeyCredential && box.dataset.passkey) {
  const { publicKey } = JSON.parse(box.dataset.passkey);
  const button = box.querySelector("button");
  const said = box.querySelector("[role=status]");
  box.hidden = false;
  button.addEventListener("click", async () => {
    try {
      const got = await navigator.credentials.get({
        publicKey: {
          ...publicKey,
          challenge: bytes(publicKey.challenge),
          allowCredentials: (publicKey.allowCredentials || []).map((one) => ({ ...one, id: bytes(one.id) })),
        },
      });
      box.querySelector("[name=credential]").value = JSON.stringify({
        id: got.id,
        rawId: text(got.rawId),
        type: got.type,
        clientExtensionResults: {},
        response: {
          clientDataJSON: text(got.response.clientDataJSON),
          authenticatorData: text(got.response.authenticatorData),
          signature: text(got.response.signature),
          userHandle: got.response.userHandle ? text(got.response.userHandle) : null,
        },
      });
      box.closest("form").submit();
    } catch (error) {
      said.textContent = `${box.dataset.failed} (${error.name})`;
    }
  });
}

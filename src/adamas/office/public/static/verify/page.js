// The page /v: takes a code, a file or a number, has it verified in this browser, and shows the answer.

import { Fault, fromBase64, startsWith } from "./bytes.js";
import { MAGIC } from "./bundle.js";
import { show, showRemark, showWorking } from "./answer.js";
import { keepTrust, ownTrust } from "./kept.js";
import { language, say, translatePage } from "./texts.js";
import { joined, readInput, verifyPaper } from "./paper.js";
import { attachedBundle, isPdf } from "./pdf.js";
import { fetchKeys, fetchStatus } from "./office.js";
import { hasCamera, scanCamera, scanPicture } from "./scan.js";
import { fingerprint, parse as parseTrust } from "./trust.js";
import { INVALID, UNKNOWN, remark, verifyBundle } from "./verify.js";

const MAX_FILE = 20_000_000;
const $ = (id) => document.getElementById(id);

const unknown = (...missing) => ({ status: UNKNOWN, problems: [], missing, signed: null, content: null, notProven: [] });

/** What this browser trusts: the user's own trust file if there is one, else the registry that the office names. */
function trustOf(list) {
  const own = ownTrust();
  if (own) return parseTrust(own);
  return list ? parseTrust(list.registry) : null;
}

/** The time by which validity is judged: the device's clock; in a demonstration, the demonstration's own. */
const nowOf = (list) => (list?.synthetic ? list.synced : Date.now() / 1000);

const numberOf = (answer) => answer.lifecycle?.number ?? (answer.signed?.type === "certificate.issued" ? answer.signed.subject : null);

/** The office's word on a number, its bundle verified here: { status, verified, fault }. */
async function newest(number, list) {
  let status;
  try {
    status = await fetchStatus(number);
  } catch (error) {
    if (error instanceof Fault) return { fault: remark(error.code, { number }) };
    throw error;
  }
  const data = status.bundle ? fromBase64(status.bundle) : null;
  if (data === null) return { status, fault: remark("paper.no-bundle", { state: status.state }) };
  return { status, verified: await verifyBundle(data, { trust: trustOf(list), now: nowOf(list) }) };
}

function warningsOf(number, list, ...others) {
  const warnings = [];
  if (list?.synthetic || others.some((one) => one?.status?.synthetic)) warnings.push("synthetic");
  const reported = list?.forgeries?.includes(number) || others.some((one) => one?.status?.forgeries?.length || one?.verified?.lifecycle?.forgeries);
  if (number && reported) warnings.push("forgery");
  return warnings;
}

async function checkNumber(number, list) {
  const said = await newest(number, list);
  const answer = said.verified ?? unknown(said.fault);
  return { ...answer, number, warnings: warningsOf(number, list, said), checks: { log: Boolean(said.verified), newest: Boolean(said.status) } };
}

async function checkPaper(raw, list) {
  const paper = await verifyPaper(raw, list, nowOf(list));
  const number = paper.signed?.subject ?? null;
  const checks = { signature: paper.keyKnown, log: false, newest: false };
  if (paper.signed?.type !== "certificate.issued" || !list) return { ...paper, number, checks, warnings: warningsOf(number, list) };
  const said = await newest(number, list);
  checks.newest = Boolean(said.status);
  checks.log = Boolean(said.verified);
  const answer = said.verified ? joined(paper, said.verified) : { ...paper, missing: [...paper.missing, said.fault] };
  if (said.fault?.code === "paper.unknown-number") answer.missing = answer.missing.filter((one) => one.code !== "paper.unlogged");
  return { ...answer, number, checks, warnings: warningsOf(number, list, said) };
}

async function checkBundle(data, list) {
  const answer = await verifyBundle(data, { trust: trustOf(list), now: nowOf(list) });
  const number = numberOf(answer);
  const own = { verified: answer };
  const checks = { log: answer.logs.length > 0, newest: false };
  if (!number || !list) return { ...answer, number, checks, warnings: warningsOf(number, list, own) };
  const said = await newest(number, list);
  checks.newest = Boolean(said.verified);
  const later = said.verified;
  const fallen = later?.problems.filter((one) => one.code === "verify.state" || one.code === "verify.number-reused") ?? [];
  const fresh = fallen.filter((one) => !answer.problems.some((known) => known.code === one.code));
  const problems = [...answer.problems, ...fresh];
  return {
    ...answer, problems, status: problems.length ? INVALID : answer.status, number, checks,
    lifecycle: fresh.length ? later.lifecycle : answer.lifecycle, warnings: warningsOf(number, list, own, said),
  };
}

async function checkFile(file, list) {
  if (file.size > MAX_FILE) throw new Fault(file.type.startsWith("image/") ? "image.size" : "pdf.size");
  const data = new Uint8Array(await file.arrayBuffer());
  if (startsWith(data, MAGIC) || file.name.endsWith(".adamas")) return checkBundle(data, list);
  if (isPdf(data)) return checkBundle(await attachedBundle(data), list);
  if (file.type.startsWith("image/")) return checkInput(await scanPicture(file), list);
  if (file.name.endsWith(".json")) return takeTrust(await file.text());
  throw new Fault("file.unknown");
}

/** From now on this browser trusts the registry that the user's file names, whatever an office says. */
function takeTrust(text) {
  const trust = parseTrust(text);
  keepTrust(text);
  return unknown(remark("trust.taken", { registry: fingerprint(trust.registry) }));
}

function forgetTrust() {
  keepTrust(null);
  $("forget").hidden = true;
  clear();
}

async function checkInput(text, list) {
  const input = readInput(text);
  if (input === null) throw new Fault("paper.input");
  return input.raw ? checkPaper(input.raw, list) : checkNumber(input.number, list);
}

let stopCamera = null;

function endCamera() {
  stopCamera?.();
  stopCamera = null;
  $("camera").hidden = true;
}

let asked = 0;

/** Runs one check and shows its answer, unless another was asked for since; never leaves the page without one. */
async function run(check) {
  const mine = ++asked;
  endCamera();
  showWorking();
  let tell;
  try {
    const list = await fetchKeys();
    const answer = await check(list);
    tell = () => show({ ...answer, ownTrust: ownTrust() !== null }, list);
  } catch (error) {
    tell = () => showRemark(error instanceof Fault ? remark(error.code, error.values, error.where) : remark("page.fault"));
    if (!(error instanceof Fault)) console.error(error);
  }
  if (mine === asked) tell();
  $("forget").hidden = ownTrust() === null;
}

async function openCamera() {
  $("camera").hidden = false;
  try {
    stopCamera = await scanCamera($("video"), (text) => run((list) => checkInput(text, list)));
  } catch {
    endCamera();
    showRemark(remark("camera.none"));
  }
}

function checkForm(event) {
  event.preventDefault();
  const [file] = $("file").files;
  const text = $("number").value;
  if (text.trim()) run((list) => checkInput(text, list));
  else if (file) run((list) => checkFile(file, list));
  else $("number").focus();
}

/** What a hand scanner types goes into the field, wherever the answer before took the reader; as a new code. */
function catchTyping(event) {
  if (event.key.length !== 1 || event.key === " " || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("input, select, textarea")) return;
  $("number").value = "";
  $("number").focus();
}

function checkFragment() {
  const said = location.hash.slice(1).replace(/%23/g, "#").replace(/%20/g, " ");
  if (said) run((list) => checkInput(said, list));
}

function clear() {
  $("form").reset();
  $("answer").hidden = true;
  history.replaceState(null, "", location.pathname);
  $("number").focus();
}

async function start() {
  // without a secure context a browser has no cryptography: then the form goes to the office, as without script
  if (!globalThis.crypto?.subtle) return;
  await language();
  translatePage();
  $("form").addEventListener("submit", checkForm);
  $("file").addEventListener("change", () => $("file").files[0] && run((list) => checkFile($("file").files[0], list)));
  $("scan").hidden = !hasCamera();
  $("scan").addEventListener("click", openCamera);
  $("stop").addEventListener("click", endCamera);
  $("print").addEventListener("click", () => globalThis.print());
  $("clear").addEventListener("click", clear);
  $("forget").hidden = ownTrust() === null;
  $("forget").addEventListener("click", forgetTrust);
  addEventListener("hashchange", checkFragment);
  addEventListener("keydown", catchTyping);
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    const [file] = event.dataTransfer.files;
    if (file) run((list) => checkFile(file, list));
  });
  navigator.serviceWorker?.register("/v/sw.js", { scope: "/v" }).catch(() => null);
  $("form").dataset.ready = say("check");
  checkFragment();
}

start();

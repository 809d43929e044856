// @ts-check
/**
 * What some browsers can do beyond the page: keep the screen on, vibrate, sound a tone. All of it may be missing.
 */

import { show } from "../dom.js";

const VIBRATION_MS = [400, 150, 400, 150, 400];
const TONE_HZ = 880;
const TONE_S = 0.25;

/** @type {WakeLockSentinel | null} */
let lock = null;
/** @type {AudioContext | null} */
let audio = null;

const isTicked = /** @param {string} id */ (id) => {
  const box = document.getElementById(id);
  return box instanceof HTMLInputElement && box.checked;
};

/** @param {() => boolean} wanted whether this step wants the screen to stay on */
export function watchSenses(wanted) {
  const update = () => void keepAwake(wanted());
  document.addEventListener("visibilitychange", update); // the browser lets go when the page is hidden
  document.addEventListener("swap:shown", update);
  document.addEventListener("change", update);
  // Browsers let a page sound only after the person has touched it.
  document.addEventListener("pointerdown", () => void wakeAudio(), { once: true });
  update();
}

/** @param {boolean} wanted */
async function keepAwake(wanted) {
  show(document.querySelector("[data-awake-toggle]"), "wakeLock" in navigator && wanted);
  show(document.querySelector("[data-sound-toggle]"), "AudioContext" in window && wanted);
  if (!("wakeLock" in navigator) || document.hidden) return;
  const isOn = wanted && isTicked("awake");
  if (!isOn) {
    await lock?.release();
    lock = null;
  } else if (!lock || lock.released) {
    lock = await navigator.wakeLock.request("screen").catch(() => null); // a low battery refuses
  }
}

async function wakeAudio() {
  if (!("AudioContext" in window)) return;
  audio ??= new AudioContext();
  await audio.resume();
}

/** Call the person whose eyes are on the rack. */
export function raiseAlarm() {
  if ("vibrate" in navigator) navigator.vibrate(VIBRATION_MS);
  if (audio && isTicked("sound")) [0, 2, 4].forEach(beep);
}

/** @param {number} place in the row of tones */
function beep(place) {
  if (!audio) return;
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  const at = audio.currentTime + place * TONE_S;
  tone.frequency.value = TONE_HZ;
  volume.gain.value = 0.25;
  tone.connect(volume).connect(audio.destination);
  tone.start(at);
  tone.stop(at + TONE_S);
}

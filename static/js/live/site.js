// @ts-check
// Follows the alarms of every chassis by one small socket, and says when it does not.

import { LiveSocket } from "./socket.js";

const SILENT_MS = 7_000; // three beats missed
const LOST_MS = 10_000; // from here on the page says that alarms may be missing
const FINAL = new Set([4401, 4403]); // signed out, or no role: nothing will come any more

/**
 * Follow the site from now on.
 * @param {(alarms: import("./alarms.js").Alarm[]) => void} told hears every list
 * @param {(isLost: boolean) => void} lost hears whether the alarms shown may be old, each second
 * @param {() => void} moved hears that something happened somewhere, and that the socket is back
 */
export function followSite(told, lost, moved) {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  let heard_ms = performance.now();
  let isOver = false;
  let isNew = true;
  const socket = new LiveSocket(
    `${scheme}://${location.host}/ws/site/`,
    (message) => {
      heard_ms = performance.now();
      socket.expectWithin(SILENT_MS);
      if (message.type === "beat") socket.send({ type: "beat" });
      if (message.type === "moved") moved();
      if (message.type !== "alarms") return;
      socket.satisfied();
      socket.expectWithin(SILENT_MS);
      told(message.alarms);
      if (isNew) moved(); // what happened before it opened was told to nobody
      isNew = false;
    },
    (code) => {
      isNew = true;
      isOver = FINAL.has(code);
      return !isOver;
    },
  );
  const wake = () => {
    if (!isOver && !socket.isOpen && !socket.isConnecting && !document.hidden) socket.open();
  };
  document.addEventListener("visibilitychange", wake);
  addEventListener("online", wake);
  addEventListener("pageshow", (event) => event.persisted && wake());
  setInterval(() => lost(performance.now() - heard_ms > LOST_MS), 1_000);
  socket.open();
  return socket;
}

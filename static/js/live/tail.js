// @ts-check
// How many events of a newer list an older one lacks. Pure.

/**
 * A command that has ended is told by another line than one that was asked: "c12e" for "c12". A swap's row bears the
 * id of its newest event and the version of the swap.
 * @param {string[]} shown ids of the rows that are there
 * @param {string[]} fresh ids of the rows that were fetched, newest first
 */
export function countNew(shown, fresh) {
  const known = new Set(shown);
  return fresh.filter((id) => !id.startsWith("w") && !known.has(id)).length;
}

// What widget.py finds in a map of places. The tests hold them to Python.

/** @typedef {"contact" | "indirect" | "neither"} Kind */

/**
 * The `count` strongest pairs of places, of a map that has a number for each pair [i, j] with
 * i < j, row by row. Of equals the first comes first.
 * @type {(map: number[], length: number, count: number) => [i: number, j: number][]}
 */
export function strongest(map, length, count) {
  /** @type {[number, number][]} */
  const pairs = [];
  for (let i = 0; i < length; i += 1) for (let j = i + 1; j < length; j += 1) pairs.push([i, j]);
  const order = pairs.map((_, k) => k).sort((a, b) => map[b] - map[a] || a - b);
  return order.slice(0, count).map((k) => pairs[k]);
}

/**
 * All pairs in contact.
 * @param {number[][]} chains places in contact, each with the next
 */
export function contactsOf(chains) {
  return chains.flatMap((chain) => chain.slice(1).map((place, k) => [chain[k], place]));
}

/**
 * Whether two places are in contact, or of one chain, or neither.
 * @type {(pair: number[], chains: number[][]) => Kind}
 */
export function kindOf([i, j], chains) {
  const chain = chains.find((each) => each.includes(i) && each.includes(j));
  if (!chain) return "neither";
  return Math.abs(chain.indexOf(i) - chain.indexOf(j)) === 1 ? "contact" : "indirect";
}

/**
 * How many of the strongest pairs are of each kind; there are as many of them as contacts.
 * @type {(map: number[], fixed: { length: number, chains: number[][] }) => Record<Kind, number>}
 */
export function countsOf(map, { length, chains }) {
  const found = { contact: 0, indirect: 0, neither: 0 };
  for (const pair of strongest(map, length, contactsOf(chains).length)) {
    found[kindOf(pair, chains)] += 1;
  }
  return found;
}

/**
 * Where each place stands: in the order of the sequence, or chain by chain.
 * @type {(byChain: boolean, fixed: { length: number, chains: number[][] }) => number[]}
 */
export function standing(byChain, { length, chains }) {
  const places = Array.from({ length }, (_, i) => i);
  if (!byChain) return places;
  const order = [...new Set([...chains.flat(), ...places])];
  return places.map((place) => order.indexOf(place));
}

/**
 * The anchor that a fragment such as `#two%20heads` names; "" where it is malformed, as `#100%` is.
 * @param {string} hash
 */
export function anchorOf(hash) {
  try {
    return decodeURIComponent(hash.slice(1));
  } catch {
    return "";
  }
}

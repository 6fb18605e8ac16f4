// Files of the site that a page reads when they are needed. From a disk a page may not read another
// file; a script it may.

const siteRoot = () =>
  new URL(document.documentElement.dataset.content_root ?? "./", location.href);

/** @param {string} path from the site's root, as pages and static files are named */
export const addressOf = (path) => new URL(path, siteRoot()).href;

/**
 * Run a script of the site. Fails where it is missing.
 * @param {string} path
 * @returns {Promise<void>}
 */
export function runScript(path) {
  return new Promise((done, fail) => {
    const script = document.createElement("script");
    script.src = addressOf(path);
    script.onload = () => done();
    script.onerror = () => fail(new Error(path));
    document.head.append(script);
  });
}

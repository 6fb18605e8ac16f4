// What a page does besides being read.
import { startCards } from "./cards.js";
import { startFrame } from "./frame.js";
import { startSearchBox } from "./search/box.js";
import { startSearchPage } from "./search/page.js";

document.addEventListener("DOMContentLoaded", () => {
  startFrame();
  startCards();
  document.querySelectorAll("form").forEach((form) => {
    if (form.matches(".site-search")) startSearchBox(form);
  });
  const results = document.getElementById("search-results");
  if (results) startSearchPage(results);
});

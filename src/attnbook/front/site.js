// What a page does besides being read.
import { startCards } from "./cards.js";
import { startFrame } from "./frame.js";
import { startSearchBox } from "./search/box.js";
import { startSearchPage } from "./search/page.js";
import { preparePredictions } from "./predictions.js";
import { Store } from "./storage.js";
import { startYourPredictions } from "./your-predictions.js";

const store = new Store(() => localStorage);
const startPredictions = preparePredictions(store);

document.addEventListener("DOMContentLoaded", () => {
  startFrame();
  startPredictions();
  startCards();
  document.querySelectorAll("form").forEach((form) => {
    if (form.matches(".site-search")) startSearchBox(form);
  });
  const results = document.getElementById("search-results");
  if (results) startSearchPage(results);
  startYourPredictions(store);
});

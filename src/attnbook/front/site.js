// What a page does besides being read.
import { startCards } from "./cards.js";
import { startExercises } from "./exercises.js";
import { startFrame } from "./frame.js";
import { startSearchBox } from "./search/box.js";
import { startSearchPage } from "./search/page.js";
import { preparePredictions } from "./predictions.js";
import { startProgress } from "./progress.js";
import { Store } from "./storage.js";
import { startYourPredictions } from "./your-predictions.js";

const store = new Store(() => localStorage);
const startPredictions = preparePredictions(store);

document.addEventListener("DOMContentLoaded", () => {
  startFrame();
  startPredictions();
  const showProgress = startProgress(store);
  startExercises(store, showProgress);
  startCards();
  document.querySelectorAll("form").forEach((form) => {
    if (form.matches(".site-search")) startSearchBox(form);
  });
  const results = document.getElementById("search-results");
  if (results) startSearchPage(results);
  startYourPredictions(store, showProgress);
});

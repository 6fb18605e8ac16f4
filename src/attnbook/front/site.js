// What a page does besides being read.
import { startCards } from "./cards.js";
import { startFrame } from "./frame.js";
import { preparePredictions } from "./predictions.js";
import { Store } from "./storage.js";
import { startYourPredictions } from "./your-predictions.js";

const store = new Store(() => localStorage);
const startPredictions = preparePredictions(store);

document.addEventListener("DOMContentLoaded", () => {
  startFrame();
  startPredictions();
  startCards();
  startYourPredictions(store);
});

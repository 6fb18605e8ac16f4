// What a page does besides being read.
import { startCards } from "./cards.js";
import { startFrame } from "./frame.js";

document.addEventListener("DOMContentLoaded", () => {
  startFrame();
  startCards();
});

// How far from 0 the mean of n random numbers is: one bar.
import { read, trait } from "../../widgets/js/bindings.js";
import {
  caption,
  evenly,
  mount,
  readout,
  readouts,
  resetButton,
  sentence,
  settings,
  slider,
} from "../../widgets/js/controls.js";
import { PLOT, move, picture, scale, shape } from "../../widgets/js/svg.js";
import { compose, say } from "../../widgets/js/words.js";

const BAR = { height: 40, top: 8 };

/**
 * @import { Sent, View } from "../../widgets/js/types.d.ts"
 * @typedef {{ n: number } & Sent} Traits
 */

/** @param {View<Traits>} view */
function render({ model, el }) {
  const names = /** @type {const} */ (["n"]);
  const n = slider(trait(model, "n"), {
    letter: "n",
    meaning: TEXT.n,
    ...evenly({ page: 10 }),
  });
  const size = readout("size", TEXT.size);
  const bar = shape("rect", { class: "attn-bar", y: BAR.top, height: BAR.height - 2 * BAR.top });
  const bars = picture(TEXT.bar, { height: BAR.height });
  const words = sentence();
  let x; // from a size to pixels
  bars.append(bar);

  function layout(width) {
    x = scale([0, 1], [PLOT.left, width - PLOT.right]);
  }

  function draw() {
    const now = read(model, names);
    const far = 1 / Math.sqrt(now.n);
    n.show();
    size.show(far);
    move(bar, { x: x(0), width: x(far) - x(0) });
    words.show(...compose(TEXT.live, { n: now.n, size: far.toFixed(2) }));
  }

  const content = [
    readouts([size]),
    caption(say(TEXT.caption, {})),
    bars,
    n.node,
    settings([], resetButton(model, names)),
    words.node,
  ];
  return mount(el, model, names, content, { layout, draw });
}

const TEXT = {
  n: "how many numbers",
  size: "size of their mean",
  caption: "The size of the mean, from 0 to 1",
  bar: "A bar: the size of the mean.",
  live: "The mean of {n} numbers is about {size} from 0.",
};

export default { render };

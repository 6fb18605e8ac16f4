// The speaker of models.py that was told "self", and the picture it is shown. The tests hold what it
// sees, says and weighs to torch.
import { softmax } from "../../widgets/js/mathematics.js";
import {
  affine,
  gruStep,
  joined,
  meanState,
  rowOf,
  timesColumns,
} from "../../widgets/js/recurrent.js";
import { encode } from "../../widgets/js/transformer.js";

/** @import { Tensor } from "../../widgets/js/types.d.ts" */
/**
 * @typedef {{ width: number, cell: number, side: number, digit: number, darkest: number }} Sizes
 * @typedef {{ digits: number[], down: number[], across: number[], hand: number }} Scene
 * @typedef {{ bos: number, eos: number, special: number, longest: number }} Marks
 * @typedef {{ n_heads: number, n_layers: number, norm: string, eps: number }} Layers
 * @typedef {{ token: number, probability: number, weights: Float64Array }} Step
 */

/**
 * The darkness of a digit's pixels, from 0 to 1, row by row.
 * @param {string} hands a letter for each pixel, as widget.py packs them
 * @param {number} hand
 * @param {number} digit
 * @param {Sizes} sizes
 */
export function imageOf(hands, hand, digit, { digit: size, darkest }) {
  const start = (hand * 10 + digit) * size * size;
  const letters = [...hands.slice(start, start + size * size)];
  return letters.map((letter) => (letter.charCodeAt(0) - "a".charCodeAt(0)) / darkest);
}

/**
 * The pixels of a picture, row by row; where digits overlap, the darker one's.
 * @param {Scene} scene
 * @param {string} hands
 * @param {Sizes} sizes
 */
export function pictureOf({ digits, down, across, hand }, hands, sizes) {
  const { width, digit: size } = sizes;
  const pixels = new Float64Array(width * width);
  digits.forEach((digit, which) => {
    imageOf(hands, hand, digit, sizes).forEach((value, i) => {
      const [y, x] = [down[which] + Math.floor(i / size), across[which] + (i % size)];
      pixels[y * width + x] = Math.max(pixels[y * width + x], value);
    });
  });
  return pixels;
}

/**
 * What the speaker says of a picture, up to the end mark, and where each word looks.
 * @param {Record<string, Tensor>} model
 * @param {Layers} layers
 * @param {Float64Array} picture
 * @param {Sizes} sizes
 * @param {Marks} marks
 * @returns {Step[]}
 */
export function speak(model, layers, picture, sizes, { bos, eos, longest }) {
  const seen = cellsOf(model, picture, sizes);
  const even = new Float64Array(seen.length).fill(1 / seen.length);
  let state = affine(model, "start_from", meanState(seen, even)).map(Math.tanh);
  const placed = seen.map((cell, j) => {
    const place = rowOf(model.place, j);
    return affine(model, "cell", cell).map((x, i) => x + place[i]);
  });
  const { memory } = encode({ ...layers, base: NaN, parameters: model }, placed); // no sinusoids
  /** @type {Step[]} */
  const steps = [];
  for (let token = bos; steps.length < longest && token !== eos;) {
    state = gruStep(model, "writer", rowOf(model["tgt_embedding.weight"], token), state);
    const asked = timesColumns(model["score.w"], state);
    const weights = softmax(memory.map((h) => h.reduce((sum, x, i) => sum + x * asked[i], 0)));
    const both = joined(state, meanState(memory, weights));
    const p = softmax(affine(model, "read_out", affine(model, "combine", both).map(Math.tanh)));
    const probability = Math.max(...p);
    token = p.indexOf(probability);
    steps.push({ token, probability, weights });
  }
  return steps;
}

/**
 * The eyes: a vector for each cell.
 * @param {Record<string, Tensor>} model
 * @param {Float64Array} picture
 * @param {Sizes} sizes
 */
function cellsOf(model, picture, { width, side }) {
  let [channels, size] = [[picture], width];
  for (const [name, stride, padding] of CONVOLUTIONS) {
    channels = convolved(model, name, channels, size, stride, padding);
    size = Math.sqrt(channels[0].length);
  }
  return Array.from({ length: side * side }, (_, j) => Float64Array.from(channels, (c) => c[j]));
}

/** @type {[name: string, stride: number, padding: number][]} */
const CONVOLUTIONS = [
  ["eyes.conv1", 2, 2],
  ["eyes.conv2", 1, 1],
  ["eyes.conv3", 2, 1],
];

/**
 * A convolution of square channels, without what is negative.
 * @param {Record<string, Tensor>} model
 * @param {string} name
 * @param {Float64Array[]} channels
 * @param {number} size
 * @param {number} stride
 * @param {number} padding
 */
function convolved(model, name, channels, size, stride, padding) {
  const { values, width: k } = model[`${name}.weight`];
  const end = Math.floor((size + 2 * padding - k) / stride) + 1;
  return Array.from(model[`${name}.bias`].values, (bias, out) => {
    const found = new Float64Array(end * end).fill(bias);
    channels.forEach((channel, c) => {
      for (let i = 0; i < k * k; i += 1) {
        const weight = values[(out * channels.length + c) * k * k + i];
        const [down, across] = [Math.floor(i / k) - padding, (i % k) - padding];
        for (let y = 0; y < end; y += 1) {
          const row = y * stride + down;
          if (row < 0 || row >= size) continue;
          for (let x = 0; x < end; x += 1) {
            const column = x * stride + across;
            if (column >= 0 && column < size)
              found[y * end + x] += weight * channel[row * size + column];
          }
        }
      }
    });
    return found.map((x) => Math.max(0, x));
  });
}

/**
 * The caption that is right, as numbers of digits and of the relation.
 * @param {Scene} scene
 */
export function captionOf({ digits, down, across }) {
  const between = Math.abs(down[1] - down[0]) < Math.abs(across[1] - across[0]) ? 1 : 0;
  const along = between ? across : down;
  const first = along[0] > along[1] ? 1 : 0;
  return { first: digits[first], between, second: digits[1 - first], order: [first, 1 - first] };
}

/**
 * The cells whose middles lie in a digit's box, by its upper left pixel.
 * @param {number} down
 * @param {number} across
 * @param {Sizes} sizes
 */
export function boxOf(down, across, { cell, side, digit }) {
  const inside = (/** @type {number} */ place, /** @type {number} */ start) => {
    const middle = cell * place + cell / 2;
    return start <= middle && middle < start + digit;
  };
  return Array.from({ length: side * side }, (_, j) => j).filter(
    (j) => inside(Math.floor(j / side), down) && inside(j % side, across),
  );
}

/**
 * The map that is shown of a word: its weights, or its share of the weights that each cell gets.
 * @param {Step[]} steps
 * @param {number} word
 * @param {boolean} backwards
 */
export function mapOf(steps, word, backwards) {
  const { weights } = steps[word];
  if (!backwards) return weights;
  return weights.map((w, j) => w / steps.reduce((sum, step) => sum + step.weights[j], 0));
}

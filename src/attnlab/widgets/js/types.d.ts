// The types that front ends share. They are read by `npm run types` and by editors, never by a page.

/** What a binding relies on of anywidget's model: traits, by name. */
export interface Settings<Traits> {
  get<Name extends keyof Traits>(name: Name): Traits[Name];
  set<Name extends keyof Traits>(name: Name, value: Traits[Name]): void;
  save_changes(): void;
}

/** What a control shows and sets. `name` tells it from other controls. */
export interface Binding<Kind> {
  name: string;
  get(): Kind;
  set(value: Kind): void;
}

/** What a trait can be: from `min` to `max`, or one of some `values`. */
export interface Limits {
  min: number;
  max: number;
  values: string[];
}

export interface Limited<Kind> extends Binding<Kind> {
  limits: Limits;
}

/** A trait of every widget: what its front end must know and nobody sets, as Python declares it. */
export interface Sent<Constants = {}> {
  _constants: Constants & { limits: Record<string, Limits> };
}

/** What a front end relies on of it. */
export interface Model<Traits> extends Settings<Traits> {
  on(event: string, listener: () => void): void;
  off(event: string, listener: () => void): void;
}

/** What a front end is given. */
export interface View<Traits> {
  model: Model<Traits>;
  el: HTMLElement;
}

/** Something on the page, and what brings it up to date. */
export interface Part<Now extends unknown[] = []> {
  node: HTMLElement;
  show(...now: Now): void;
}

export type Child = Node | string;
export type Value = string | number | boolean;
export type Listener = ((event: KeyboardEvent) => void) | ((event: PointerEvent) => void);
export type Attributes = Record<string, Value | Listener>;

/** How a slider's values lie along it. */
export interface Scale {
  /** From a value to its place on the slider: a logarithm, say. */
  track(value: number): number;
  /** And back. */
  value(place: number): number;
  /** What the arrow and page keys do. */
  nudge(now: number, sign: number, page: boolean): number;
}

export interface SliderOptions extends Scale {
  letter: string;
  index?: string;
  meaning: string;
  text?(now: number): string;
}

/** A cell of a heat map, and what gives it its weight; its place and its size are styles. */
export interface Cell {
  node: SVGElement;
  show(weight: number, place: string, size: string): void;
}

/** A row of numbers: a plain or a typed array. */
export interface Vector extends ArrayLike<number>, Iterable<number> {
  map(change: (x: number, i: number) => number): Vector;
  forEach(visit: (x: number, i: number) => void): void;
  reduce(join: (sum: number, x: number, i: number) => number, start: number): number;
}

/** What `pack` of packing.py makes of a model. */
export interface Packed {
  tensors: [name: string, shape: number[], step: number][];
  data: string;
}

/** Rows of a width, one behind the other. */
export interface Tensor {
  values: Float64Array;
  width: number;
}

/** What `pack_transformer` makes of one. */
export interface PackedTransformer extends Packed, Shape {}

/** How a Transformer is built: `base` of its sinusoids, `eps` of its norms. */
export interface Shape {
  n_heads: number;
  n_layers: number;
  norm: string;
  base: number;
  eps: number;
}

export interface Transformer extends Shape {
  parameters: Record<string, Tensor>;
}

/** What each head contributes, 1 or 0: [layer][head], and [layer][0: self, 1: cross][head]. */
export interface Heads {
  encoder?: Contribution[][];
  decoder?: Contribution[][][];
}
export type Contribution = number | boolean;

/** What an attention looks at. */
export interface Memory {
  keys: Float64Array[];
  values: Float64Array[];
}

/** Where a decoder stands. */
export interface State {
  length: number;
  layers: (Memory & { memory: Memory })[];
  heads?: Contribution[][][];
}

/** The weights of one query, [head][key]. */
export type ByHead = Float64Array[];

/** A quantity of a prediction, as `predictions.py` sends it. */
interface Named {
  name: string;
  label: string;
}
export interface Ranged extends Named {
  low: number;
  high: number;
  log: boolean;
  whole?: boolean;
}
export interface NumberQuantity extends Ranged {
  kind: "number";
}
export interface OptionQuantity extends Named {
  kind: "option";
  options: string[];
}
export interface CurveQuantity extends Ranged {
  kind: "curve";
  x: number[];
}
export type Quantity = NumberQuantity | OptionQuantity | CurveQuantity;

/** A guess at a number, with the ends of its 80% interval. */
export interface Guess {
  value: number;
  low: number;
  high: number;
}

/** What a guess is made with. */
export interface Control extends Part {
  focus(): void;
  /** Takes what is typed and not yet taken; whether it could. */
  take?(): boolean;
  stop?(): void;
}

/** What a prediction asks. Guesses at another version are none at this one. */
export interface Question {
  name: string;
  version: string;
  question: string;
  quantities: Quantity[];
}

export type Made = "open" | "committed" | "shown";

/** What a page tells a prediction: what is kept of it, and what to say. */
export interface Restored {
  state: Made;
  guess: Record<string, any>;
  notice: string;
  figure: string;
}

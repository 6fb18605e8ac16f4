// What can be dragged: by a mouse, a pen or a finger. Keys have their own way, a slider beside it.

/** @typedef {(x: number, y: number) => void} At told where the pointer is, in a picture's pixels */

/**
 * A finger may be about to scroll the page instead, where the style sheet lets it: its drag begins
 * once it moves the other way, or is a tap. By `touch-action`, which way that is.
 * @type {Record<string, (x: number, y: number) => boolean>}
 */
const DRAGS = {
  "pan-y": (x, y) => Math.abs(x) > Math.max(4, Math.abs(y)),
  "pan-x": (x, y) => Math.abs(y) > Math.max(4, Math.abs(x)),
};

/**
 * The listeners of an element that is dragged. `drag` is told each place that the pointer comes to;
 * `start` the first, where it goes down: a click is a drag that ends where it began.
 * While it goes on, the widget around it is marked: nothing then glides behind the pointer.
 * @type {(drag: At, start?: At) => Record<"pointerdown" | "pointermove" | "pointerup" | "lostpointercapture", Listen>}
 * @typedef {(event: PointerEvent) => void} Listen
 */
export function dragging(drag, start = drag) {
  /** Where a finger came down that may yet scroll. @type {[x: number, y: number] | null} */
  let waiting = null;
  const begin = () => {
    if (waiting) start(...waiting);
    waiting = null;
  };
  return {
    pointerdown: (event) => {
      if (event.button !== 0) return;
      event.preventDefault(); // no text is selected on the way
      grabbed(event).setPointerCapture(event.pointerId);
      waiting = within(event);
      if (event.pointerType === "mouse" || !(touchAction(event) in DRAGS)) begin();
    },
    pointermove: (event) => {
      if (!grabbed(event).hasPointerCapture(event.pointerId)) return;
      const [x, y] = within(event);
      if (waiting && !DRAGS[touchAction(event)](x - waiting[0], y - waiting[1])) return;
      begin();
      mark(event, true);
      drag(x, y);
    },
    pointerup: begin,
    lostpointercapture: (event) => {
      waiting = null;
      mark(event, false);
    },
  };
}

/** @param {PointerEvent} event */
function grabbed(event) {
  return /** @type {HTMLElement | SVGElement} */ (event.currentTarget);
}

/** @param {PointerEvent} event */
const touchAction = (event) => getComputedStyle(grabbed(event)).touchAction;

/** @type {(event: PointerEvent, dragged: boolean) => void} */
function mark(event, dragged) {
  grabbed(event).closest(".attn-widget")?.toggleAttribute("data-dragged", dragged);
}

/** Where a pointer is, in the picture's own pixels. @type {(event: PointerEvent) => [x: number, y: number]} */
export function within(event) {
  const node = grabbed(event);
  const frame = node instanceof SVGElement ? (node.ownerSVGElement ?? node) : node;
  const { left, top, width } = frame.getBoundingClientRect();
  const scale = width / frame.clientWidth || 1; // on a slide all is shown larger, or smaller
  return [(event.clientX - left) / scale, (event.clientY - top) / scale];
}

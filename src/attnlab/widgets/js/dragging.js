// What can be dragged: by a mouse, a pen or a finger. Keys have their own way, a slider beside it.

/** @typedef {(x: number, y: number) => void} At told where the pointer is, in a picture's pixels */

/**
 * The listeners of an element that is dragged. `drag` is told each place that the pointer comes to;
 * `start` the first, where it goes down: a click is a drag that ends where it began.
 * The widget has `data-dragging` from the first move on: things then follow at once.
 * @type {(drag: At, start?: At) => Record<"pointerdown" | "pointermove" | "lostpointercapture", Listen>}
 * @typedef {(event: PointerEvent) => void} Listen
 */
export function dragging(drag, start = drag) {
  return {
    pointerdown: (event) => {
      if (event.button !== 0) return;
      event.preventDefault(); // no text is selected on the way
      grabbed(event).setPointerCapture(event.pointerId);
      start(...within(event));
    },
    pointermove: (event) => {
      if (!grabbed(event).hasPointerCapture(event.pointerId)) return;
      grabbed(event).closest(".attn-widget")?.setAttribute("data-dragging", "");
      drag(...within(event));
    },
    lostpointercapture: (event) =>
      grabbed(event).closest(".attn-widget")?.removeAttribute("data-dragging"),
  };
}

/** @param {PointerEvent} event */
function grabbed(event) {
  return /** @type {HTMLElement | SVGElement} */ (event.currentTarget);
}

/** @type {(event: PointerEvent) => [x: number, y: number]} */
function within(event) {
  const node = grabbed(event);
  const frame = node instanceof SVGElement ? (node.ownerSVGElement ?? node) : node;
  const { left, top } = frame.getBoundingClientRect();
  return [event.clientX - left, event.clientY - top];
}

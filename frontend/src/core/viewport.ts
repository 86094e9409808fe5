/** Where an image lies in its frame: screen point = image point × scale + offset. All in CSS pixels. */
export interface View {
  scale: number;
  x: number;
  y: number;
}

export interface Size {
  width: number;
  height: number;
}

const MOST = 64; // screen pixels an image pixel, at the closest
const LARGEST = 40; // the same when fitted: larger blocks are harder to read as a picture, not easier

/** The whole image in the frame, centred; tiny images are enlarged by whole steps so that pixels stay square. */
export function fit(image: Size, frame: Size): View {
  const full = Math.min(frame.width / image.width, frame.height / image.height);
  const scale = isTiny(image) && full > 2 ? Math.min(Math.floor(full), LARGEST) : full;
  return { scale, x: (frame.width - image.width * scale) / 2, y: (frame.height - image.height * scale) / 2 };
}

/** Images small enough that smoothing would hide what they show. */
export function isTiny(image: Size): boolean {
  return Math.max(image.width, image.height) <= 96;
}

/** Zoom by a factor so that the image point under (px, py) stays where it is. */
export function zoomAt(view: View, factor: number, px: number, py: number, smallest: number): View {
  const scale = Math.min(Math.max(view.scale * factor, smallest), MOST);
  const real = scale / view.scale;
  return { scale, x: px - (px - view.x) * real, y: py - (py - view.y) * real };
}

/** Move by screen pixels, keeping at least a corner of the image in the frame. */
export function pan(view: View, dx: number, dy: number, image: Size, frame: Size): View {
  return keepIn({ ...view, x: view.x + dx, y: view.y + dy }, image, frame);
}

function keepIn(view: View, image: Size, frame: Size, corner = 48): View {
  const within = (at: number, length: number, room: number) =>
    Math.min(Math.max(at, corner - length), room - corner);
  return {
    scale: view.scale,
    x: within(view.x, image.width * view.scale, frame.width),
    y: within(view.y, image.height * view.scale, frame.height),
  };
}

/** The image point under a screen point of the frame. */
export function imagePoint(view: View, px: number, py: number): { x: number; y: number } {
  return { x: (px - view.x) / view.scale, y: (py - view.y) / view.scale };
}

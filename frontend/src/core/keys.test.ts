import { describe, expect, it } from "vitest";
import { combo, Keymap, printed, type Binding, type KeyPress } from "./keys.ts";

const press = (part: Partial<KeyPress>): KeyPress => ({
  key: "",
  code: "",
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...part,
});
const binding = (id: string, keys: string[], more: Partial<Binding> = {}): Binding => ({
  id,
  keys,
  label: id,
  run: () => undefined,
  ...more,
});

describe("a key press", () => {
  it("is a physical digit on every keyboard", () => {
    expect(combo(press({ key: "1", code: "Digit1" }))).toBe("1");
    expect(combo(press({ key: "&", code: "Digit1" }))).toBe("1"); // AZERTY prints & there
    expect(combo(press({ key: "7", code: "Numpad7" }))).toBe("7");
  });

  it("is the printed letter, or the physical one where an input method prints kana", () => {
    expect(combo(press({ key: "a", code: "KeyQ" }))).toBe("a"); // AZERTY
    expect(combo(press({ key: "と", code: "KeyS" }))).toBe("s");
    expect(combo(press({ key: "S", code: "KeyS", shiftKey: true }))).toBe("shift+s");
  });

  it("is a sign without its shift", () => {
    expect(combo(press({ key: "?", code: "Slash", shiftKey: true }))).toBe("?");
    expect(combo(press({ key: "!", code: "Digit1", shiftKey: true }))).toBe("!");
  });

  it("is not heard while an input method composes", () => {
    expect(combo(press({ key: "Enter", code: "Enter", isComposing: true }))).toBeNull();
    expect(combo(press({ key: "1", code: "Digit1", keyCode: 229 }))).toBeNull();
    expect(combo(press({ key: "Process", code: "KeyS" }))).toBeNull();
  });

  it("joins control and command", () => {
    expect(combo(press({ key: "z", code: "KeyZ", metaKey: true }))).toBe("mod+z");
    expect(combo(press({ key: "Z", code: "KeyZ", ctrlKey: true, shiftKey: true }))).toBe("mod+shift+z");
    expect(combo(press({ key: "Control", code: "ControlLeft", ctrlKey: true }))).toBeNull();
  });
});

describe("a keymap", () => {
  it("lets a layer below give way", () => {
    const keys = new Keymap();
    keys.layer([binding("option", ["0"])]);
    keys.layer([binding("fit", ["0", "f"])], { below: true });
    expect(keys.match(press({ key: "0", code: "Digit0" }), false)?.id).toBe("option");
    expect(keys.match(press({ key: "f", code: "KeyF" }), false)?.id).toBe("fit");
  });

  it("asks the newest layer first and stops at an exclusive one", () => {
    const keys = new Keymap();
    keys.layer([binding("page", ["s"]), binding("send", ["enter"])]);
    const close = keys.layer([binding("dialog", ["s"])], { exclusive: true });
    expect(keys.match(press({ key: "s", code: "KeyS" }), false)?.id).toBe("dialog");
    expect(keys.match(press({ key: "Enter", code: "Enter" }), false)).toBeUndefined();
    close();
    expect(keys.match(press({ key: "Enter", code: "Enter" }), false)?.id).toBe("send");
  });

  it("is off inside text fields but for bindings made for them", () => {
    const keys = new Keymap();
    keys.layer([binding("skip", ["s"]), binding("send", ["mod+enter"], { inFields: true })]);
    expect(keys.match(press({ key: "s", code: "KeyS" }), true)).toBeUndefined();
    expect(keys.match(press({ key: "Enter", code: "Enter", ctrlKey: true }), true)?.id).toBe("send");
  });

  it("hears a held key once", () => {
    const keys = new Keymap();
    keys.layer([binding("send", ["enter"]), binding("nudge", ["arrowleft"], { repeats: true })]);
    expect(keys.match(press({ key: "Enter", code: "Enter", repeat: true }), false)).toBeUndefined();
    expect(keys.match(press({ key: "ArrowLeft", code: "ArrowLeft", repeat: true }), false)?.id).toBe("nudge");
  });

  it("follows a person's own keys", () => {
    const keys = new Keymap();
    keys.layer([binding("skip", ["s"])]);
    keys.remap({ skip: ["x"] });
    expect(keys.match(press({ key: "s", code: "KeyS" }), false)).toBeUndefined();
    expect(keys.match(press({ key: "x", code: "KeyX" }), false)?.id).toBe("skip");
  });
});

it("prints keys the way they are read", () => {
  expect(printed("mod+z")).toBe("Ctrl Z");
  expect(printed("mod+z", true)).toBe("⌘ Z");
  expect(printed("enter")).toBe("↵");
  expect(printed("+")).toBe("+");
});

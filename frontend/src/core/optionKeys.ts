import type { Option } from "./work.ts";

/** Keys the workbench keeps for itself: skip, guidelines, fit the picture, the settings of the desk. */
export const RESERVED = new Set(Array.from("shfo"));

const DIGITS = Array.from("1234567890");
const LETTERS = Array.from("qwertyuiopasdfghjklzxcvbnm").filter((letter) => !RESERVED.has(letter));

/**
 * One key for each option, null where the keyboard is full.
 *
 * The maker's own keys come first; an option that is itself a digit ("7") has that digit; the others take
 * 1 to 9, 0 and then letters from the top row down, in the order of the list.
 */
export function optionKeys(options: Option[]): (string | null)[] {
  const keys: (string | null)[] = options.map((option) => wished(option));
  const taken = new Set(keys.filter((key) => key !== null));
  options.forEach((option, index) => {
    if (keys[index] === null && DIGITS.includes(option.name) && !taken.has(option.name)) {
      keys[index] = option.name;
      taken.add(option.name);
    }
  });
  const free = [...DIGITS, ...LETTERS].filter((key) => !taken.has(key));
  return keys.map((key) => key ?? free.shift() ?? null);
}

function wished(option: Option): string | null {
  const key = option.hotkey?.trim().toLowerCase();
  return key && !RESERVED.has(key) ? key : null;
}

import { expect, test } from "vitest";

import { type Draft, lacks, option, question, questionsOut, withNames } from "./draft.ts";

const draft = (names: string[]): Draft => ({ name: "Cats", modality: "image", questions: [{ ...question("choice"), options: names.map(option) }] });

test("a draft needs a name, a kind of data and two different options", () => {
  expect(lacks({ name: " ", modality: null, questions: [question("choice")] })).toEqual(["modality", "name", "options"]);
  expect(lacks(draft(["cat", "cat"]))).toEqual(["double"]);
  expect(lacks(draft(["cat", "dog", ""]))).toEqual([]);
});

test("pasted names fill blank rows and leave out what is there", () => {
  expect(withNames([option("cat"), option("")], ["dog", "cat"]).map(({ name }) => name)).toEqual(["cat", "dog"]);
});

test("questions go out trimmed, blank options left out, with stable names", () => {
  const [first, second] = questionsOut([...draft([" cat ", "", "dog"]).questions, question("choices")]);
  expect(first).toMatchObject({ name: "label", type: "choice", title: "", options: [{ name: "cat" }, { name: "dog" }] });
  expect(second?.name).toBe("label_2");
});

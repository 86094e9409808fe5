import { expect, test } from "vitest";

import { areClasses, folders, head, isHidden, kindOf, optionNames } from "./files.ts";

const at = (...paths: string[]) => paths.map((path) => ({ path }));

test("one table is rows, one zip is an archive, everything else is one item a file", () => {
  expect(kindOf(at("texts.CSV"))).toBe("table");
  expect(kindOf(at("all.zip"))).toBe("archive");
  expect(kindOf(at("a.csv", "b.csv"))).toBe("files");
  expect(kindOf(at("cat.png"))).toBe("files");
});

test("what the system left behind is not data", () => {
  expect(["a/.DS_Store", "__MACOSX/a.png", "x/Thumbs.db"].every(isHidden)).toBe(true);
  expect(isHidden("cats/1.png")).toBe(false);
});

test("folders are counted by the name that holds the files, in natural order", () => {
  expect(folders(at("d/10/a.png", "d/2/b.png", "d/2/c.png"))).toEqual([{ name: "2", count: 2 }, { name: "10", count: 1 }]);
});

test("folders are classes when there are several and every file is in one", () => {
  expect(areClasses(at("d/a/1.png", "d/b/2.png"))).toBe(true);
  expect(areClasses(at("d/1.png", "d/2.png"))).toBe(false);
  expect(areClasses(at("d/a/1.png", "loose.png"))).toBe(false);
});

test("a preview ends with a whole line, and does not cut a JSON list", async () => {
  const start = (text: string) => new Uint8Array(new TextEncoder().encode(text));
  const file = new Blob(["a,b\n1,2\n3,4"]);
  expect(await head(file, "x.csv", start("a,b\n1,"))?.text()).toBe("a,b\n");
  expect(head(file, "x.json", start("["))).toBeNull();
  expect(head(file, "x.csv", start("a,b\n1,2\n3,4"))).toBe(file);
});

test("options are read from lines or from one line with commas, Japanese ones too", () => {
  expect(optionNames("cat\n dog \n\ncat")).toEqual(["cat", "dog"]);
  expect(optionNames("猫、犬，鳥")).toEqual(["猫", "犬", "鳥"]);
});

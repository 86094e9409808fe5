import { byNamespace } from "./index.ts";

export default byNamespace(import.meta.glob("./ja/*.json", { eager: true }));

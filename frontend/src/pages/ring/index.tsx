import { Loading } from "../../parts/index.tsx";

export default function Waiting() {
  return <Loading />;
}

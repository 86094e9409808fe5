import { useProjectId } from "../app/router.tsx";
import { Desk } from "./Desk.tsx";

export default function WorkPage() {
  const projectId = useProjectId();
  return <Desk key={projectId} projectId={projectId} />;
}

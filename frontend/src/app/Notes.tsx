/** Where short notes appear; loaded after the first picture. */
import { Notifications } from "@mantine/notifications";

export default function Notes() {
  return <Notifications position="bottom-right" limit={3} />;
}

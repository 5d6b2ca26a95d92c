/** The functions that name something, each `app/function`; neither name holds a slash. */
import { FunctionLink } from "../../ui/function-link.tsx";

export function Users({ usedBy }: { usedBy: readonly string[] }) {
  if (usedBy.length === 0) return <>used by no function</>;
  return (
    <>
      used by
      {usedBy.map((user) => {
        const [app = "", name = ""] = user.split("/");
        return <FunctionLink key={user} app={app} name={name} />;
      })}
    </>
  );
}

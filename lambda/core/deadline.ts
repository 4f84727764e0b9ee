import type { Instant } from './time';
import { CallFailed, type Clock, type Ports } from './ports';

/**
 * Ports that begin no call after the deadline. Each call has a time-out of its own, so a run ends soon after its deadline,
 * and, unlike with a race against a timer, no call is still running when we return.
 */
export function withDeadline(ports: Ports, deadline: Instant): Ports {
  return {
    ...ports,
    deadline,
    secrets: guarded(ports.secrets, ports.clock, deadline),
    lwa: guarded(ports.lwa, ports.clock, deadline),
    spApi: guarded(ports.spApi, ports.clock, deadline),
    queue: guarded(ports.queue, ports.clock, deadline),
    events: guarded(ports.events, ports.clock, deadline),
  };
}

function guarded<Port extends object>(port: Port, clock: Clock, deadline: Instant): Port {
  return new Proxy(port, {
    get(target, property): unknown {
      const member: unknown = Reflect.get(target, property);
      if (typeof member !== 'function') {
        return member;
      }
      return async (...parameters: unknown[]): Promise<unknown> => {
        if (clock.now() >= deadline) {
          throw new CallFailed(String(property), 'OutOfTime');
        }
        return (await Reflect.apply(member, target, parameters)) as unknown;
      };
    },
  });
}

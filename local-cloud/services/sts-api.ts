import type { HttpApi } from './http-api';
import { queryApi } from './query-api';

/** Who one is: allowed to everybody, whatever the policies say. */
export function stsApi(): HttpApi {
  return queryApi('sts', 'https://sts.amazonaws.com/doc/2011-06-15/', {
    GetCallerIdentity: (_parameters, { arn, account, name }) => ({ Arn: arn, UserId: name, Account: account }),
  });
}

import { Token } from 'aws-cdk-lib';
import { endpointProblem } from './contract/endpoint';
import { receivedUrl } from './private/received-url';

/**
 * The Selling Partner API endpoint at which an application's client secret is rotated: that of the region in which the
 * application is registered.
 *
 * There is no sandbox among them, because the sandbox cannot rotate: test with a draft application.
 *
 * @see https://developer-docs.amazon.com/sp-api/docs/sp-api-endpoints
 */
export class SpApiRegion {
  /**
   * North America: Canada, United States, Mexico and Brazil.
   */
  public static readonly NORTH_AMERICA = new SpApiRegion('https://sellingpartnerapi-na.amazon.com');

  /**
   * Europe, the Middle East, Africa and India.
   */
  public static readonly EUROPE = new SpApiRegion('https://sellingpartnerapi-eu.amazon.com');

  /**
   * The Far East: Singapore, Australia and Japan.
   */
  public static readonly FAR_EAST = new SpApiRegion('https://sellingpartnerapi-fe.amazon.com');

  /**
   * An endpoint that has no constant here.
   *
   * Throws unless the URL is https (http only for a loopback address, for local runs), without credentials, query or
   * fragment.
   *
   * @param endpointUrl such as `https://sellingpartnerapi-eu.amazon.com`; a slash at the end is dropped
   */
  public static of(endpointUrl: string): SpApiRegion {
    if (Token.isUnresolved(endpointUrl)) {
      return new SpApiRegion(endpointUrl);
    }
    const problem = endpointProblem(endpointUrl);
    if (problem !== undefined) {
      throw new Error(
        `an SP-API endpoint must be a URL such as "${SpApiRegion.EUROPE.endpointUrl}": ${problem}; received ${receivedUrl(endpointUrl)}`,
      );
    }
    return new SpApiRegion(endpointUrl.replace(/\/+$/, ''));
  }

  /**
   * URL of the endpoint, without a slash at the end.
   */
  public readonly endpointUrl: string;

  private constructor(endpointUrl: string) {
    this.endpointUrl = endpointUrl;
  }
}

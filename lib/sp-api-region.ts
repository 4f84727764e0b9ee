import { Token } from 'aws-cdk-lib';
import { spApiEndpointProblem } from './private/endpoint-problems';
import { requireEndpoint } from './private/validation';

/**
 * The Selling Partner API endpoint at which an application's client secret is rotated: that of the region in which the
 * application is registered.
 *
 * The SP-API sandbox is not among them, because it cannot rotate. Test with a draft application instead.
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
   * An endpoint for which there is no constant.
   *
   * There is a warning if it is not Amazon's, because tokens that can rotate a client secret are sent there. The functions
   * believe no endpoint that was not deployed with them.
   *
   * Throws unless the URL is https (http only for a loopback address, for local runs), in ASCII without white space, and
   * without credentials, query, fragment and the path of the operation. Throws for the sandbox, and for the endpoint of Login
   * with Amazon.
   *
   * @param endpointUrl such as `https://sellingpartnerapi-eu.amazon.com`; a slash at the end is removed
   */
  public static of(endpointUrl: string): SpApiRegion {
    requireEndpoint('an SP-API endpoint', endpointUrl, SpApiRegion.EUROPE.endpointUrl, spApiEndpointProblem);
    return new SpApiRegion(Token.isUnresolved(endpointUrl) ? endpointUrl : endpointUrl.replace(/\/+$/, ''));
  }

  /**
   * URL of the endpoint, without a slash at the end.
   */
  public readonly endpointUrl: string;

  private constructor(endpointUrl: string) {
    this.endpointUrl = endpointUrl;
  }
}

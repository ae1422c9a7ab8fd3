"""Whether an aircraft moved as its log says: positions against speeds, velocities, attitude and accelerations.

way             a track as a way in metres and seconds, windows on it, stretches of rows
recorded        speeds and velocities, summed up over time so that a window costs two look-ups
positions       KIN-1: the test
speeds          its arithmetic of positions against recorded speeds
velocities      its arithmetic of positions against recorded velocity vectors, over short and over long windows
vectors         what it says of them
steps           steps that nothing flies, and those that lead back
limits          KIN-2: accelerations, climbs, headings
inertia         KIN-3: accelerometers against the way
estimator       KIN-4: what an estimator refused
"""

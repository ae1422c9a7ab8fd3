"""Whether an aircraft moved as its log says: positions against speeds, velocities, attitude and accelerations.

way             a track as a way in metres and seconds, windows on it, stretches of rows
recorded        speeds and velocities, summed up over time so that a window costs two look-ups
speeds          KIN-1: positions against recorded speeds
velocities      KIN-1: positions against recorded velocity vectors, over short and over long windows
steps           KIN-1: steps that nothing flies, and those that lead back
"""
